// Acts for a user of an application through the gateway of `social serve`, with nothing but
// Node.js itself.
//
//     GATEWAY=http://127.0.0.1:8082 CLIENT_ID=… CLIENT_SECRET=… node gateway.mjs USER PROVIDER PATH
//
// prints the user's connections, calls PATH of the provider's API, once through the proxy and
// once with a token of its own, and then what has happened since. `gateway.mjs verify` reads a
// webhook's body from standard input, and checks the signature that is in its arguments.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { GATEWAY = 'http://127.0.0.1:8082', CLIENT_ID, CLIENT_SECRET } = process.env;

// call returns the status and the JSON of an answer; a form is posted.
const call = async (path, { form, headers } = {}) => {
  const answer = await fetch(GATEWAY + path, {
    method: form ? 'POST' : 'GET',
    body: form && new URLSearchParams(form),
    headers,
    signal: AbortSignal.timeout(60_000),
  });
  return [answer.status, await answer.json()];
};

// The fields that say which machine client asks.
const client = { client_id: CLIENT_ID, client_secret: CLIENT_SECRET };

// ownToken gets a token for the gateway itself, good for ten minutes (RFC 6749 §4.4).
const ownToken = async () => {
  const [status, answer] = await call('/oauth/token', { form: { grant_type: 'client_credentials', ...client } });
  if (status !== 200) throw new Error(`the gateway refuses this client: ${answer.error}`);
  return answer.access_token;
};

// userToken gets the user's token at the provider, fresh (RFC 8693); null when there is none to
// give.
const userToken = async (user, provider) => {
  const [status, answer] = await call('/oauth/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:gosocial:user-id', subject_token: user, audience: provider, ...client,
    },
  });
  if (status === 200) return answer.access_token;
  // The user can help it where there is an address to connect at.
  console.log(`${provider}: ${answer.error}`, answer.connect_url ?? '');
  return null;
};

// genuine says whether a webhook comes from the gateway (Standard Webhooks). Answer 400 if not.
const genuine = (secret, headers, body, now = Date.now() / 1000) => {
  if (Math.abs(now - Number(headers['webhook-timestamp'])) > 5 * 60) return false; // somebody sends an old one again
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`).update(body);
  const expected = Buffer.from(`v1,${signed.digest('base64')}`);
  return headers['webhook-signature'].split(' ').some((one) => one.length === expected.length && timingSafeEqual(Buffer.from(one), expected));
};

const main = async (user, provider, path) => {
  const bearer = { Authorization: `Bearer ${await ownToken()}` };
  const [, { connections }] = await call(`/v1/connections?${new URLSearchParams({ user })}`, { headers: bearer });
  for (const connection of connections) console.log(`${connection.provider_id}: ${connection.status}`);

  // Through the proxy the program sees no token at all.
  const [status, answer] = await call(`/proxy/${provider}${path}`, { headers: { ...bearer, 'Social-User': user } });
  console.log('proxy:', status, answer.login ?? answer.code);

  console.log('token:', (await userToken(user, provider)) ? 'yes' : 'no');

  const [, { events }] = await call('/v1/events', { headers: bearer });
  for (const event of events) console.log('event:', event.type);
};

const [first, ...rest] = process.argv.slice(2);
if (first === 'verify') {
  const [secret, id, timestamp, signature] = rest;
  const received = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  console.log(genuine(secret, received, readFileSync(0)) ? 'genuine' : 'forged');
} else {
  await main(first, ...rest);
}
