import json

import pytest

from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.errors import UseError


@pytest.mark.parametrize(
    "profile",
    [
        CapabilityProfile(),
        CapabilityProfile(page_size=500, date_codec="iso_date", tz="UTC"),
        CapabilityProfile(auth_error_patterns=("clé",), tmp_id_mapping="tmp_ids"),
    ],
)
def test_profile_survives_json(profile):
    stored = json.loads(json.dumps(profile.to_json()))

    assert CapabilityProfile.from_json(stored) == profile


def test_keys_left_out_keep_their_default():
    assert CapabilityProfile.from_json({"page_size": 7}).write_batch_size == 10


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ({"page_sise": 7}, "page_sise"),
        ({"page_size": "7"}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"page_size": 0}, "page_size"),
        ({"write_batch_size": 0}, "write_batch_size"),
        ({"date_codec": "roman"}, "date_codec"),
        ({"tz": "Mars/Olympus"}, "time zone"),
        ({"tz": "../etc"}, "time zone"),
        ({"quota_patterns": "quota"}, "quota_patterns"),
        ({"quota_patterns": [1]}, "quota_patterns"),
    ],
)
def test_profile_that_cannot_be_is_refused_by_name(stored, named):
    with pytest.raises(UseError, match=named):
        CapabilityProfile.from_json(stored)
