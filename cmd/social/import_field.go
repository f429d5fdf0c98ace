package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// readMembers sets the fields of a JSON object. field returns
// where a member belongs, or nil to leave it out. Errors name the member and not its
// value, which may be a secret.
func readMembers(line []byte, field func(name string) (any, error)) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	var members map[string]json.RawMessage
	err := decoder.Decode(&members)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind), err == nil && members == nil: // a list, null
		return errors.New("not a JSON object")
	case err != nil:
		return fmt.Errorf("not a JSON object: %w", err)
	}
	if decoder.More() {
		return errors.New("the line goes on after the JSON object: write each on a line of its own")
	}
	for name, value := range members {
		into, err := field(name)
		if err != nil {
			return err
		}
		if into == nil || string(value) == "null" {
			continue
		}
		if err := assign(into, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// assign sets a field. Databases and languages write numbers as texts and texts as
// numbers; either is taken for the other.
func assign(field any, value json.RawMessage) error {
	if list, ok := field.(*[]string); ok && value[0] == '[' {
		var values []json.RawMessage
		if err := json.Unmarshal(value, &values); err != nil {
			return err
		}
		for _, v := range values {
			text, err := textOf(v)
			if err != nil {
				return err
			}
			*list = append(*list, text)
		}
		return nil
	}
	if _, ok := field.(**bool); ok && (string(value) == "true" || string(value) == "false") {
		return assignText(field, string(value))
	}
	text, err := textOf(value)
	if err != nil {
		return err
	}
	return assignText(field, text)
}

// assignText sets a field to what a text says.
func assignText(field any, text string) (err error) {
	switch f := field.(type) {
	case *string:
		*f = text
	case *[]string:
		*f = strings.Fields(strings.ReplaceAll(text, ",", " "))
	case **int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("want a whole number")
		}
		*f = &n
	case **bool:
		truth, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return errors.New("want true or false")
		}
		*f = &truth
	case *time.Time:
		*f, err = timeOf(text)
	}
	return err
}

// textOf returns a text, or the digits of a whole number, however many.
func textOf(value json.RawMessage) (text string, err error) {
	if value[0] == '"' {
		err = json.Unmarshal(value, &text)
		return text, err
	}
	text = string(value)
	if strings.Trim(strings.TrimPrefix(text, "-"), "0123456789") != "" {
		return "", errors.New("want a text or a whole number")
	}
	return text, nil
}

// timeLayouts are those of JSON and of databases. A time without a zone is in UTC.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 UTC",
}

// timeOf reads a time, or seconds since 1970; nothing and 0 are none.
func timeOf(text string) (time.Time, error) {
	if text == "" || text == "0" {
		return time.Time{}, nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 0 && seconds < 1<<38 {
		return time.Unix(seconds, 0), nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("want a time such as 2026-01-02T15:04:05Z, or seconds since 1970")
}
