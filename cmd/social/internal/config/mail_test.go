package config_test

import "testing"

func TestWhereMailGoes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ sends, here bool }{
		"app_url: http://localhost:8080":                                      {true, true},
		"app_url: http://LOCALHOST.:8080":                                     {true, true},
		"app_url: http://app.localhost":                                       {true, true},
		"app_url: http://127.0.0.2":                                           {true, true},
		"app_url: http://[::1]:8080":                                          {true, true},
		"app_url: https://app.example.com":                                    {},
		"app_url: https://localhost.example.com":                              {},
		"app_url: https://192.0.2.1":                                          {},
		"app_url: https://app.example.com\nmail_to_log: true":                 {sends: true},
		"app_url: https://app.example.com\nsmtp: smtp://mail.example.com:587": {sends: true},
	} {
		c, err := load(t, "keys: [x]\n"+text)
		if err != nil {
			t.Fatal(err)
		}
		if c.SendsMail() != want.sends || c.OnThisMachine() != want.here {
			t.Errorf("%s: sends %v, on this machine %v", text, c.SendsMail(), c.OnThisMachine())
		}
	}
}
