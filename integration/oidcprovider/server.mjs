// A certified OpenID provider for the tests: oidc-provider with PKCE required,
// refresh tokens that rotate and whose reuse revokes the grant, and iss on the
// callback (RFC 9207). $CLIENTS has the clients as JSON, $BELOW the path that all its
// addresses are below. It listens on a free port of 127.0.0.1 and then prints
// "ready ISSUER".
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

const key = (type, options, extra) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  use: 'sig',
  ...extra,
});

const accounts = {
  jane: { name: 'Jane Doe', picture: 'https://example.com/jane.png', email: 'jane@example.com', email_verified: true },
  john: { name: 'John Roe', email: 'john@example.com', email_verified: false },
};

const page = (title, action, body) =>
  `<!doctype html><meta charset="utf-8"><title>${title}</title><form method="post" action="${action}">${body}</form>`;

const form = async (req) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  return new URLSearchParams(text);
};

const below = process.env.BELOW ?? '';
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}${below}`;
  const provider = new Provider(issuer, {
    clients: JSON.parse(process.env.CLIENTS),
    jwks: {
      keys: [
        key('rsa', { modulusLength: 2048 }, { alg: 'RS256' }),
        key('ec', { namedCurve: 'P-256' }, { alg: 'ES256' }),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'HS256'] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    claims: { openid: ['sub'], profile: ['name', 'picture'], email: ['email', 'email_verified'] },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, RefreshToken: 3600, Interaction: 600, Session: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      registration: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = form.replace('</form>', '<button name="logout" value="yes">Sign out</button></form>');
        },
      },
    },
    // The default refuses to send logout tokens to this machine, where the test is.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    interactions: { url: (ctx, interaction) => `${below}/interaction/${interaction.uid}` },
  });
  const callback = provider.callback();

  const interact = async (req, res) => {
    const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
    if (req.method === 'GET') {
      res.setHeader('Content-Type', 'text/html; charset=utf-8');
      res.end(prompt.name === 'login'
        ? page('Sign in', req.originalUrl, '<input name="login" value="jane"><button>Sign in</button>')
        : page('Consent', req.originalUrl, '<button name="answer" value="yes">Allow</button>'));
      return;
    }
    const answer = await form(req);
    if (prompt.name === 'login') {
      const login = answer.get('login');
      const result = Object.hasOwn(accounts, login)
        ? { login: { accountId: login } }
        : { error: 'access_denied', error_description: 'no such account' };
      await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
      return;
    }
    if (answer.get('answer') === 'no') {
      await provider.interactionFinished(req, res, { error: 'access_denied' }, { mergeWithLastSubmission: false });
      return;
    }
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
    if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(req, res, { consent }, { mergeWithLastSubmission: true });
  };

  // Ends one access token; revocation would end its grant too.
  const expire = async (req, res) => {
    const token = await provider.AccessToken.find((await form(req)).get('token'));
    if (token) await token.destroy();
    res.statusCode = token ? 204 : 404;
    res.end();
  };

  server.on('request', (req, res) => {
    if (!req.url.startsWith(`${below}/`)) {
      res.statusCode = 404;
      res.end();
      return;
    }
    req.originalUrl = req.url; // what oidc-provider reads to know what it is mounted at
    req.url = req.url.slice(below.length);
    if (req.url === '/test/expire') {
      expire(req, res);
      return;
    }
    if (!req.url.startsWith('/interaction/')) {
      callback(req, res);
      return;
    }
    interact(req, res).catch((err) => {
      console.error(err);
      res.statusCode = 500;
      res.end('the interaction failed');
    });
  });
  console.log(`ready ${issuer}`);
});

// Standard input is closed when the test that started this process ends.
process.stdin.on('end', () => process.exit(0)).resume();
