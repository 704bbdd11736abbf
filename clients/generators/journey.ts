// A rider's first journey, with the types that openapi-typescript generates.
import assert from 'node:assert/strict';

import createClient from 'openapi-fetch';

import type { components, paths } from './schema.js';

const [baseUrl] = process.argv.slice(2);
assert(baseUrl);
const client = createClient<paths>({ baseUrl });

const account = { username: 'typescript@example.org', password: 'on two wheels' };
const registered = await client.POST('/api/v1/users/register', {
  body: { email: account.username, name: 'Ann', password: account.password },
});
assert.equal(registered.response.status, 201);
const { data: tokens } = await client.POST('/api/v1/auth/token', {
  body: account,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
});
assert(tokens);
client.use({
  onRequest({ request }) {
    request.headers.set('Authorization', `Bearer ${tokens.access_token}`);
  },
});

const { data: journey } = await client.POST('/api/v1/journeys/', { body: { name: 'Down the Danube', active: true } });
assert(journey);
const path = { journey_id: journey._id };
const markers: components['schemas']['MarkerInput'][] = [
  { name: 'Ulm', marker_type: 'past', coordinates: { coordinates: [9.99, 48.4] }, timestamp: '2026-05-04' },
  { name: 'Passau', marker_type: 'plan', coordinates: { type: 'Point', coordinates: [13.43, 48.57] } },
];
for (const body of markers) {
  const { data: marker } = await client.POST('/api/v1/journeys/{journey_id}/markers', { params: { path }, body });
  assert.equal(marker?.name, body.name);
}
const { data: listed } = await client.GET('/api/v1/journeys/{journey_id}/markers', {
  params: { path, query: { limit: 10 } },
});
assert.deepEqual(listed?.map((marker) => marker.marker_type), ['past', 'plan']);
const completed = await client.PATCH('/api/v1/journeys/{journey_id}', { params: { path }, body: { completed: true } });
assert.equal(completed.data?.completed, true);
const { error } = await client.GET('/api/v1/users/me/journeys/active');
assert(error && 'code' in error);
assert.equal(error.code, 'no_active_journey');
