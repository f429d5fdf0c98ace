<?php
// Acts for a user of an application through the gateway of `social serve`, with nothing but
// PHP itself.
//
//     GATEWAY=http://127.0.0.1:8082 CLIENT_ID=… CLIENT_SECRET=… php gateway.php USER PROVIDER PATH
//
// prints the user's connections, calls PATH of the provider's API, once through the proxy and
// once with a token of its own, and then what has happened since. `gateway.php verify` reads a
// webhook's body from standard input, and checks the signature that is in its arguments.
declare(strict_types=1);

// call returns the status and the JSON of an answer; a form is posted.
function call(string $path, array $form = [], array $headers = []): array
{
    $options = ['ignore_errors' => true, 'timeout' => 60, 'follow_location' => 0, 'header' => $headers];
    if ($form) {
        $options['method'] = 'POST';
        $options['content'] = http_build_query($form);
        $options['header'][] = 'Content-Type: application/x-www-form-urlencoded';
    }
    $gateway = getenv('GATEWAY') ?: 'http://127.0.0.1:8082';
    $answer = file_get_contents($gateway . $path, false, stream_context_create(['http' => $options]));
    if ($answer === false) {
        exit("the gateway does not answer\n");
    }
    preg_match('{^HTTP/\S+ (\d+)}', $http_response_header[0], $status);
    return [(int) $status[1], json_decode($answer, true, 64, JSON_THROW_ON_ERROR)];
}

// client has the fields that say which machine client asks.
function client(): array
{
    return ['client_id' => getenv('CLIENT_ID'), 'client_secret' => getenv('CLIENT_SECRET')];
}

// own_token gets a token for the gateway itself, good for ten minutes (RFC 6749 §4.4).
function own_token(): string
{
    [$status, $answer] = call('/oauth/token', ['grant_type' => 'client_credentials'] + client());
    if ($status !== 200) {
        exit("the gateway refuses this client: {$answer['error']}\n");
    }
    return $answer['access_token'];
}

// user_token gets the user's token at the provider, fresh (RFC 8693); null when there is none
// to give.
function user_token(string $user, string $provider): ?string
{
    [$status, $answer] = call('/oauth/token', [
        'grant_type' => 'urn:ietf:params:oauth:grant-type:token-exchange',
        'subject_token_type' => 'urn:gosocial:user-id', 'subject_token' => $user, 'audience' => $provider,
    ] + client());
    if ($status === 200) {
        return $answer['access_token'];
    }
    // The user can help it where there is an address to connect at.
    echo "$provider: {$answer['error']} ", $answer['connect_url'] ?? '', "\n";
    return null;
}

// genuine says whether a webhook comes from the gateway (Standard Webhooks). Answer 400 if not.
function genuine(string $secret, array $headers, string $body): bool
{
    if (abs(time() - (int) $headers['webhook-timestamp']) > 5 * 60) {
        return false; // somebody sends an old one again
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $signed = "{$headers['webhook-id']}.{$headers['webhook-timestamp']}.$body";
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $headers['webhook-signature']) as $one) {
        if (hash_equals($expected, $one)) {
            return true;
        }
    }
    return false;
}

function main(string $user, string $provider, string $path): void
{
    $bearer = ['Authorization: Bearer ' . own_token()];
    [, $answer] = call('/v1/connections?' . http_build_query(['user' => $user]), headers: $bearer);
    foreach ($answer['connections'] as $connection) {
        echo "{$connection['provider_id']}: {$connection['status']}\n";
    }

    // Through the proxy the program sees no token at all.
    [$status, $answer] = call("/proxy/$provider$path", headers: [...$bearer, "Social-User: $user"]);
    echo "proxy: $status ", $answer['login'] ?? $answer['code'], "\n";

    $token = user_token($user, $provider);
    echo 'token: ', $token ? 'yes' : 'no', "\n";

    [, $answer] = call('/v1/events', headers: $bearer);
    foreach ($answer['events'] as $event) {
        echo "event: {$event['type']}\n";
    }
}

if (($argv[1] ?? '') === 'verify') {
    [, , $secret, $id, $timestamp, $signature] = $argv;
    $received = ['webhook-id' => $id, 'webhook-timestamp' => $timestamp, 'webhook-signature' => $signature];
    echo genuine($secret, $received, file_get_contents('php://stdin')) ? "genuine\n" : "forged\n";
} else {
    main($argv[1], $argv[2], $argv[3]);
}
