"""A rider's first journey, with the client that openapi-python-client generates."""

import importlib
import pkgutil
import sys

import kairos_client
from kairos_client import AuthenticatedClient, Client
from kairos_client.api.authentication import login_api_v1_auth_token_post as log_in
from kairos_client.api.journeys import (
    add_marker_to_journey_api_v1_journeys_journey_id_markers_post as add_marker,
    create_journey_api_v1_journeys_post as create_journey,
    get_journey_markers_api_v1_journeys_journey_id_markers_get as list_markers,
    set_completed_journey_api_v1_journeys_journey_id_patch as patch_journey,
)
from kairos_client.api.users import get_my_active_journey, register_user_api_v1_users_register_post as register
from kairos_client.models import (
    BodyLoginApiV1AuthTokenPost,
    ErrorCode,
    JourneyCreate,
    JourneyPatch,
    MarkerInput,
    UserRegister,
)

# A module with a mistake of the generator can't be imported.
for module in pkgutil.walk_packages(kairos_client.__path__, "kairos_client."):
    importlib.import_module(module.name)

url = sys.argv[1]
anyone = Client(base_url=url)
address, password = "python@example.org", "on two wheels"
registered = register.sync_detailed(
    client=anyone, body=UserRegister(email=address, name="Ann", password=password)
)
assert registered.status_code == 201, registered
tokens = log_in.sync(client=anyone, body=BodyLoginApiV1AuthTokenPost(username=address, password=password))
rider = AuthenticatedClient(base_url=url, token=tokens.access_token)

journey = create_journey.sync(client=rider, body=JourneyCreate(name="Down the Danube", active=True))
assert journey.active is True, journey
for marker in (
    {"name": "Ulm", "marker_type": "past", "coordinates": {"coordinates": [9.99, 48.4]}, "timestamp": "2026-05-04"},
    {"name": "Passau", "marker_type": "plan", "coordinates": {"coordinates": [13.43, 48.57]}},
):
    added = add_marker.sync(journey.field_id, client=rider, body=MarkerInput.from_dict(marker))
    assert added.name == marker["name"], added
markers = list_markers.sync(journey.field_id, client=rider, limit=10)
assert [marker.marker_type for marker in markers] == ["past", "plan"], markers
completed = patch_journey.sync(journey.field_id, client=rider, body=JourneyPatch(completed=True))
assert completed.completed is True, completed
error = get_my_active_journey.sync(client=rider)
assert error.code == ErrorCode.NO_ACTIVE_JOURNEY, error
