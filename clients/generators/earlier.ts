// Code of an app of the earlier service, which has to compile with the client that openapi-generator makes anew.
import {
  AuthenticationApi,
  Configuration,
  type Coordinates,
  CoordinatesTypeEnum,
  type Journey,
  JourneysApi,
  type Marker,
  MarkerMarkerTypeEnum,
  type MessageResponse,
  type Tokens,
  type User,
  UsersApi,
} from './typescript_axios';

const configuration = new Configuration({ basePath: 'https://api.example.org', accessToken: () => session?.access_token ?? '' });
const journeys = new JourneysApi(configuration);
const users = new UsersApi(configuration);
let session: Tokens | undefined;

export async function logIn(email: string, password: string): Promise<User> {
  session = (await new AuthenticationApi(configuration).loginApiV1AuthTokenPost(email, password)).data;
  return (await users.getCurrentUserApiV1UsersMeGet()).data;
}

export async function verify(token: string): Promise<string> {
  const answer: MessageResponse = (await users.verifyEmailApiV1UsersVerifyEmailGet(token)).data;
  return answer.message;
}

export async function create(user: User, name: string): Promise<Journey> {
  return (await journeys.createJourneyApiV1JourneysPost({ user_id: user._id, name, description: '' })).data;
}

export async function add(journey: Journey, name: string, position: number[]): Promise<Marker> {
  const coordinates: Coordinates = { type: CoordinatesTypeEnum.Point, coordinates: position };
  const marker: Marker = { journey_id: journey._id, name, marker_type: MarkerMarkerTypeEnum.Plan, coordinates };
  return (await journeys.addMarkerToJourneyApiV1JourneysJourneyIdMarkersPost(journey._id, marker)).data;
}

export async function arrive(journey: Journey, marker: Marker, day: string): Promise<Marker> {
  const past: Marker = { ...marker, marker_type: MarkerMarkerTypeEnum.Past, timestamp: day };
  return (
    await journeys.updateJourneyMarkerApiV1JourneysJourneyIdMarkersMarkerIdPut(journey._id, String(marker._id), past)
  ).data;
}
