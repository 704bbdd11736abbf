import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createClient } from '../src/client/index.js';
import * as kairos from '../src/index.js';
import { Program } from './program.js';

let program: Program;

before(async () => {
  program = await Program.start();
});

after(() => program.stop());

/** A client of its own for each rider; `token` is asked for at each call. */
function clientOf(session: { token?: string }) {
  return createClient({ baseUrl: program.url, auth: () => session.token, throwOnError: true });
}

async function rider(name: string) {
  const session: { token?: string; refresh?: string } = {};
  const client = clientOf(session);
  const email = `${name}@example.org`;
  const password = 'on two wheels';
  await kairos.registerUserApiV1UsersRegisterPost({ client, throwOnError: true, body: { email, name, password } });
  const token = await program.mailedToken(email, 'verify');
  const verified = await kairos.verifyEmailApiV1UsersVerifyEmailGet({ client, throwOnError: true, query: { token } });
  assert.equal(verified.data.message, 'Email verified successfully.');
  const { data: tokens } = await kairos.loginApiV1AuthTokenPost({
    client,
    throwOnError: true,
    body: { username: email, password },
  });
  assert.equal(tokens.token_type, 'bearer');
  session.token = tokens.access_token;
  session.refresh = tokens.refresh_token;
  const { data: user } = await kairos.getCurrentUserApiV1UsersMeGet({ client, throwOnError: true });
  assert.equal(user.is_verified, true);
  return { client, session, user };
}

/** The day in so many days. */
function day(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

type Client = ReturnType<typeof clientOf>;

async function ride(client: Client, name: string, places: [number, number, number][]) {
  const { data: journey } = await kairos.createJourneyApiV1JourneysPost({
    client,
    throwOnError: true,
    body: { name, active: true },
  });
  for (const [longitude, latitude, days] of places) {
    const { data: marker } = await kairos.addMarkerToJourneyApiV1JourneysJourneyIdMarkersPost({
      client,
      throwOnError: true,
      path: { journey_id: journey._id },
      body: {
        name: `Day ${days}`,
        marker_type: 'plan',
        estimated_time: day(days),
        coordinates: { coordinates: [longitude, latitude] },
      },
    });
    assert.deepEqual(marker.coordinates.coordinates, [longitude, latitude]);
  }
  return journey;
}

test('two riders plan journeys and find out where they meet', async () => {
  const ann = await rider('ann');
  const ben = await rider('ben');
  const hers = await ride(ann.client, 'Down the Danube', [[9.99, 48.4, 1], [13.43, 48.57, 6]]);
  const his = await ride(ben.client, 'Up the Danube', [[13.43, 48.57, 6], [9.99, 48.4, 20]]);
  const path = { journey_id: hers._id };

  const { data: stats } = await kairos.getJourneyStatsApiV1JourneysJourneyIdStatsGet({
    client: ann.client,
    throwOnError: true,
    path,
  });
  assert.equal(stats.plan_markers, 2);
  assert.equal(stats.days, 6);
  const { data: near } = await kairos.getNearbyJourneysApiV1JourneysJourneyIdJourneysNearbyGet({
    client: ann.client,
    throwOnError: true,
    path,
    query: { max_distance_meters: 1000 },
  });
  assert.deepEqual(near, [his._id]);
  const { data: drawn } = await kairos.listNearbyJourneys({
    client: ann.client,
    throwOnError: true,
    path,
    query: { max_distance_meters: 1000, include: ['rider', 'markers'] },
  });
  assert.equal(drawn.length, 1);
  assert.equal(drawn[0]?.rider?.name, 'ben');
  assert.equal(drawn[0]?.markers?.length, 2);
  const { data: encounters } = await kairos.getEncountersApiV1JourneysJourneyIdEncountersGet({
    client: ann.client,
    throwOnError: true,
    path,
  });
  assert.equal(encounters.length, 1);
  assert.equal(encounters[0]?.rider.name, 'ben');
  assert.equal(encounters[0]?.date, day(6));

  await kairos.setCompletedJourneyApiV1JourneysJourneyIdPatch({ client: ann.client, throwOnError: true, path });
  const active = await kairos.getActiveJourneyApiV1UsersUserIdJourneysActiveGet({
    client: ann.client,
    throwOnError: false,
    path: { user_id: ann.user._id },
  });
  assert.equal(active.response?.status, 404);
  assert.deepEqual(active.error, { detail: 'No active journey found', code: 'no_active_journey' });
});

test('a journey is created once, and changed only in the state that was seen', async () => {
  const { client } = await rider('tom');
  const create = () =>
    kairos.createJourneyApiV1JourneysPost({
      client,
      throwOnError: true,
      headers: { 'Idempotency-Key': 'a-key-of-this-client' },
      body: { name: 'Up the Rhine' },
    });
  const { data: journey } = await create();
  const { data: again, response } = await create();
  assert.deepEqual(again, journey);
  const { data: mine } = await kairos.listMyJourneys({ client, throwOnError: true });
  assert.deepEqual(mine, [journey]);

  const seen = { 'If-Match': response.headers.get('etag')! };
  const path = { journey_id: journey._id };
  const { data: patched } = await kairos.setCompletedJourneyApiV1JourneysJourneyIdPatch({
    client,
    throwOnError: true,
    path,
    headers: seen,
    body: { active: true },
  });
  assert.deepEqual(patched, { ...journey, active: true });
  const { data: active } = await kairos.getMyActiveJourney({ client, throwOnError: true });
  assert.deepEqual(active, patched);
  const stale = await kairos.setCompletedJourneyApiV1JourneysJourneyIdPatch({
    client,
    throwOnError: false,
    path,
    headers: seen,
  });
  assert.equal(stale.response?.status, 412);
  assert.equal((stale.error as kairos.ErrorDetail).code, 'changed_meanwhile');
});

test('a session goes on, ends, and goes with its account', async () => {
  const mia = await rider('mia');
  const { data: tokens } = await kairos.refreshApiV1AuthRefreshPost({
    client: mia.client,
    throwOnError: true,
    body: { refresh_token: mia.session.refresh! },
  });
  mia.session.token = tokens.access_token;
  await kairos.logoutApiV1AuthLogoutPost({
    client: mia.client,
    throwOnError: true,
    body: { refresh_token: tokens.refresh_token },
  });
  const { data: gone } = await kairos.deleteUserApiV1UsersUserIdDelete({
    client: mia.client,
    throwOnError: true,
    path: { user_id: mia.user._id },
  });
  assert.equal(gone.message, 'User deleted successfully.');
  const me = await kairos.getCurrentUserApiV1UsersMeGet({ client: mia.client, throwOnError: false });
  assert.equal(me.response?.status, 401);
});

test('all that is wrong with a request is told', async () => {
  const client = createClient({ baseUrl: program.url });
  const refused = await kairos.registerUserApiV1UsersRegisterPost({
    client,
    body: { email: 'nobody', name: '', password: 'short' },
  });
  assert.equal(refused.response?.status, 422);
  const detail = (refused.error as kairos.HttpValidationError).detail;
  assert.deepEqual(detail?.map((fault) => fault.loc.join('.')), ['body.email', 'body.name', 'body.password']);
});
