"""What leaves the house, and what an arena makes of it. Nothing leaves unless its owner has said so.

Who and under which limits: `consents.py`, `owners.py`, `policy.py`. Under which names: `pseudonyms.py`, `salts.py`,
`keys.py` (their files: `secret_files.py`), `naming.py`.
What: `profiles.py`; `aggregates.py`, `releases.py`, `noise.py` and `budget.py`; `conversations.py` and `redaction.py`;
`leaving.py` holds all of it; `periods.py` is time as it may leave.
Whether it may: `disclosure.py`, with `joint_bounds.py`, `profile_bounds.py`, `allow_list.py` and `reasons.py`.
The bundle: `tables.py` is the format; `rows.py`, `manifest.py`, `datapackage.py`, `json_schemas.py` and `documents.py`
spell it; `bundle.py` writes it, `bundles_folder.py` is where, `anchor.py` remembers how far; `verify.py` checks it,
with `agreement.py` and `bundle_files.py`.
The arena: `merge.py` fills `arena_tables.py`, with `chain.py`, `known.py`, `standings.py` and `pooled.py`.
Not here: the game that is told of (game/), the way from a generation to a bundle (engines/sharing.py), what is shown
of it (reports/arena_*.py).
"""
