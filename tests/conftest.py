"""What all tests share: hypothesis profiles, and the real logs that lie beside the project."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("default", max_examples=6, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("long", max_examples=1000, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.load_profile("default")

REAL_LOGS = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """The folder of real logs that nobody here wrote; not part of the project."""
    if not REAL_LOGS.is_dir():
        pytest.skip("the real logs (../shared/data) are not on this machine")
    return REAL_LOGS
