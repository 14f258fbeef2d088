"""What a store promises, kept by both kinds: SQLite and PostgreSQL with PostGIS."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.access import keys
from api.access.roles import OPERATOR, Role, Who
from api.cases import (
    Action,
    Actor,
    Case,
    Event,
    Figures,
    Report,
    Rules,
    StaleVersion,
    Tally,
    apply,
    open_case,
    warn_at,
)
from api.store import acknowledged, audit, cases, erasing, jobs, overviews, plans, tallies, units, visits
from api.store.backup import backup, restore
from api.store.cases import Kept, Place, Wanted
from api.store.engine import Database
from api.store.jobs import State
from api.store.migrate import migrate
from api.store.tables import activations, case_events, metadata, plan_files
from api.store.tables import cases as table
from gis.errors import InputError
from gis.plan import Plan

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
RULES = Rules.load()
DESK, SYSTEM, STAFF = Actor("desk", "desk-1"), Actor("system", "wangge"), Actor("staff", "staff-1")
CHAIN = ("leaf-1", "grid-1", "area")


@pytest.fixture
def store(store_url: str) -> Iterator[Database]:
    database = Database(store_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def in_force(store: Database, town_plan: Plan, town_file: Path) -> int:
    """Keep a plan and put it in force."""
    with store.writing() as connection:
        record = plans.keep(connection, town_plan, town_file.read_bytes(), by=OPERATOR, now=NOW)
        return plans.activate(connection, record.id, by=OPERATOR, now=NOW)


def opened(number: int, activation: int, *, lon: float | None = 114.0, lat: float | None = 38.0) -> tuple[Kept, Event]:
    report = Report(f"260304-{number:010d}", "component-03", CHAIN[0], "micro", plan_version="v1")
    case, event = open_case(report, Actor("resident", f"r-{number}"), NOW + timedelta(seconds=number), RULES)
    place = Place(lon, lat, {"lon": lon}, {"status": "inside"}, activation)
    return Kept(case, place, CHAIN, warn_at(case, RULES)), event


def added(store: Database, activation: int, count: int) -> list[Kept]:
    kept = [opened(number, activation, lon=114.0 + number / 1000) for number in range(count)]
    with store.writing() as connection:
        for each, event in kept:
            cases.add(connection, each, event)
            cases.write(connection, each.case.id, 1, {"text": f"words {each.case.id}"})
    return [each for each, _ in kept]


def done(store: Database, kept: Kept, action: Action, who: Actor, now: datetime) -> Kept:
    case, event = apply(kept.case, action, who, now, RULES)
    after = Kept(case, kept.place, kept.chain, warn_at(case, RULES))
    with store.writing() as connection:
        cases.advance(connection, kept, after, event)
        tallies.add(connection, Tally({kept.chain[0]: kept.chain}).plus(event, kept.case, case))
    return after


def done_to(connection: Connection, what: str) -> list[str]:
    deeds = audit.deeds(connection, after=0, limit=100)
    assert {deed.by for deed in deeds} == {OPERATOR.code}
    return [deed.action for deed in deeds if deed.object == what]


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_the_tables_are_those_that_the_code_knows(store: Database) -> None:
    with store.reading() as connection:
        known = {
            "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
            "compare_type": False,
        }
        context = MigrationContext.configure(connection, opts=known)
        ours = [each for each in compare_metadata(context, metadata) if not _of_postgis(each)]
    assert ours == []


def _of_postgis(difference: object) -> bool:
    return "cases.place" in str(difference) or "ix_cases_place" in str(difference) or "'place'" in str(difference)


def test_several_may_bring_the_tables_up_to_date_at_once(store_url: str) -> None:
    def begin(_: int) -> None:
        database = Database(store_url)
        migrate(database)
        database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(begin, range(8)))


def test_what_is_half_done_is_not_there(store: Database) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:  # noqa: PT012 (the failure comes after the write)
        units.name(connection, "leaf-1", "unit-1", None)
        raise RuntimeError
    with store.reading() as connection:
        assert units.named(connection, ["leaf-1"]) == {}


def test_several_may_say_at_once_who_answers_for_a_cell(store: Database) -> None:
    def name(number: int) -> None:
        with store.writing() as connection:
            units.name(connection, f"leaf-{number // 4}", f"unit-{number}", None)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(name, range(80)))
    with store.reading() as connection:
        named = units.named(connection, [f"leaf-{number}" for number in range(20)])
    assert len(named) == 20


def test_a_plan_is_kept_once_and_comes_back_as_it_was(
    store: Database, in_force: int, town_plan: Plan, town_file: Path
) -> None:
    with store.writing() as connection:
        again = plans.keep(connection, town_plan, town_file.read_bytes(), by=OPERATOR, now=NOW + timedelta(days=1))
        assert again.imported_at == NOW
        assert plans.file_of(connection, again.id) == town_file.read_bytes()
        assert plans.in_force(connection, NOW).id == in_force
        assert plans.in_force(connection, NOW - timedelta(seconds=1)) is None
        with pytest.raises(InputError, match="past"):
            plans.activate(connection, again.id, by=OPERATOR, now=NOW, begins=NOW - timedelta(days=1))
        with pytest.raises(InputError, match="no plan 99"):
            plans.activate(connection, 99, by=OPERATOR, now=NOW)
        assert done_to(connection, town_plan.version) == ["import plan", "activate plan"]


def test_generations_follow_each_other(store: Database, in_force: int) -> None:
    with store.writing() as connection:
        later = plans.activate(connection, 1, by=OPERATOR, now=NOW, begins=NOW + timedelta(days=2))
        sooner = plans.activate(connection, 1, by=OPERATOR, now=NOW, begins=NOW + timedelta(days=1))
        told = plans.generations(connection)
        assert [each.id for each in told] == [in_force, sooner, later]
        assert [each.ends for each in told] == [told[1].begins, told[2].begins, None]
        for each in told:
            assert plans.in_force(connection, each.begins).id == each.id


@pytest.mark.parametrize("table", [activations, case_events, plan_files], ids=lambda table: table.name)
@pytest.mark.parametrize("change", [delete, update], ids=["delete", "update"])
def test_history_is_never_rewritten(
    store: Database, in_force: int, table: Table, change: Callable[[Table], object]
) -> None:
    added(store, in_force, 1)
    statement = change(table) if change is delete else update(table).values({list(table.c)[1].name: list(table.c)[1]})
    with pytest.raises(DBAPIError, match="history"), store.writing() as connection:
        connection.execute(statement)


def test_cases_are_found_by_what_is_asked_of_them(store: Database, in_force: int) -> None:
    kept = added(store, in_force, 20)
    ids = [each.case.id for each in kept]
    asked = [
        (Wanted(), ids),
        (Wanted(scope="grid-1"), ids),
        (Wanted(scope="grid-2"), []),
        (Wanted(scope="grid-2", worker="unit-9"), []),
        (Wanted(within="leaf-1", states=["reported"]), ids),
        (Wanted(states=["closed"]), []),
        (Wanted(categories=["component-03"]), ids),
        (Wanted(ids=ids[3:5]), ids[3:5]),
        (Wanted(received=(NOW + timedelta(seconds=5), NOW + timedelta(seconds=8))), ids[5:8]),
        (Wanted(box=(114.0, 37.9, 114.005, 38.1)), ids[:6]),
        (Wanted(box=(115.0, 37.9, 116.0, 38.1)), []),
        (Wanted(is_open=False), []),
        (Wanted(due_before=NOW), []),
        (Wanted(due_before=NOW + timedelta(days=60)), ids),
    ]
    with store.reading() as connection:
        for wanted, expected in asked:
            assert [each.case.id for each in cases.search(connection, wanted)] == expected, wanted
            assert cases.count(connection, wanted) == len(expected)
        pages, after = [], ""
        while page := cases.search(connection, Wanted(), after=after, limit=7):
            pages += [each.case.id for each in page]
            after = page[-1].case.id
        assert pages == ids
        assert cases.find(connection, ids[3]) == kept[3]
        assert cases.find(connection, "260304-none") is None
        near = cases.near(connection, kept[0], 200.0, 24.0)
        assert [each.case.id for each in near] == ids[:3]


def test_of_two_who_act_at_once_one_is_told_to_look_again(store: Database, in_force: int) -> None:
    kept = added(store, in_force, 1)[0]
    done(store, kept, Action("verify"), STAFF, NOW)
    with pytest.raises(StaleVersion):
        done(store, kept, Action("verify"), DESK, NOW)
    with store.reading() as connection:
        assert len(cases.history(connection, kept.case.id)) == 2


def test_a_report_that_comes_twice_is_known_by_its_key(store: Database, in_force: int) -> None:
    case_id = added(store, in_force, 1)[0].case.id
    with store.writing() as connection:
        assert acknowledged.recall(connection, "k", "body") is None
        acknowledged.keep(connection, "k", "body", case_id, NOW)
        assert acknowledged.recall(connection, "k", "body") == case_id
        with pytest.raises(acknowledged.Reused):
            acknowledged.recall(connection, "k", "other")
    with pytest.raises(IntegrityError), store.writing() as connection:
        acknowledged.keep(connection, "k", "body", case_id, NOW)
    with store.writing() as connection:
        acknowledged.forget(connection, NOW + timedelta(days=3))
        assert acknowledged.recall(connection, "k", "body") is None


def test_figures_added_up_are_those_counted_anew(store: Database, in_force: int) -> None:
    kept = added(store, in_force, 6)
    with store.writing() as connection:
        for each in kept:
            event = cases.history(connection, each.case.id)[0]
            tallies.add(connection, Tally({CHAIN[0]: CHAIN}).plus(event, None, each.case))
    later = NOW + timedelta(hours=1)
    for number, each in enumerate(kept[:4]):
        now = done(store, each, Action("verify"), STAFF, later)
        given = RULES.dispatch.assign(now.case.category, now.case.grade, CHAIN[0], territory()).action()
        now = done(store, now, given, SYSTEM, later)
        now = done(store, now, Action("accept"), STAFF, later)
        if number == 0:
            done(store, now, Action("return", reason="wrong_grid", text="beside"), STAFF, later)
            continue
        now = done(store, now, Action("finish", text="done"), STAFF, later + timedelta(hours=number))
        now = done(store, now, Action("feed_back", rating="fair"), DESK, later + timedelta(hours=number))
        done(store, now, Action("close"), DESK, later + timedelta(hours=number))
    with store.reading() as connection:
        found = cases.search(connection, Wanted())
        events = [event for each in found for event in cases.history(connection, each.case.id)]
        anew = Tally.of([each.case for each in found], events, {CHAIN[0]: CHAIN})
        told = tallies.figures(connection, [*CHAIN, "nowhere"])
        assert told == {code: anew.figures.get(code, Figures()) for code in told}
        assert told["area"].closed == 3
        assert tallies.points(connection, list(anew.points)) == dict(anew.points)


def territory() -> object:
    from api.cases import Cell, Territory  # noqa: PLC0415

    return Territory.of(
        [Cell("area", "area"), Cell("grid-1", "grid", "area"), Cell("leaf-1", "micro", "grid-1", "unit-1")]
    )


def test_keys_are_known_by_their_hash_until_they_end(store: Database) -> None:
    who = Who("desk-1", Role.DESK, "grid-1")
    with store.writing() as connection:
        key = keys.make(connection, who, by=OPERATOR, now=NOW, ends_at=NOW + timedelta(days=1))
        assert keys.owner(connection, key, NOW) == who
        assert keys.owner(connection, key + "x", NOW) is None
        assert keys.owner(connection, key, NOW + timedelta(days=1)) is None
        with pytest.raises(InputError, match="already"):
            keys.make(connection, who, by=OPERATOR, now=NOW)
        with pytest.raises(InputError, match="no code"):
            keys.make(connection, Who("张三 desk", Role.DESK), by=OPERATOR, now=NOW)
        with pytest.raises(InputError, match="number of a phone"):
            keys.make(connection, Who("13812345678", Role.DESK), by=OPERATOR, now=NOW)
        assert keys.revoke(connection, "desk-1", by=OPERATOR, now=NOW)
        assert not keys.revoke(connection, "desk-1", by=OPERATOR, now=NOW)
        assert keys.owner(connection, key, NOW) is None
        assert key not in str(keys.all_keys(connection))
        assert done_to(connection, "desk-1") == ["make key", "revoke key"]


def test_a_job_is_done_by_one_and_taken_over_from_who_falls_silent(store: Database) -> None:
    with store.writing() as connection:
        number = jobs.add(connection, "check", {"said": {}}, {"file": b"x"}, by="p", now=NOW)
        assert jobs.waiting(connection) == 1

    def take(_: int) -> int | None:
        with store.writing() as connection:
            taken = jobs.take(connection, NOW)
        return None if taken is None else taken.id

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4)), key=str) == [number, None, None, None]
    with store.writing() as connection:
        first = jobs.find(connection, number)
        late = NOW + 2 * jobs.SILENT
        second = jobs.take(connection, late)
        assert (second.id, second.tries) == (number, 2)
        assert not jobs.go_on(connection, first, late)
        assert not jobs.end(connection, first, State.DONE, {}, late)
        assert jobs.go_on(connection, second, late)
        jobs.begin_stage(connection, second, "reading", late)
        jobs.cancel(connection, number, late)
        assert not jobs.go_on(connection, second, late)
        assert jobs.end(connection, second, State.CANCELLED, {}, late)
        assert [stage.text for stage in jobs.stages(connection, number)] == ["reading"]
        jobs.forget(connection, late + timedelta(days=1))
        assert jobs.files_of(connection, number) == {}


def test_a_job_that_is_always_stopped_is_given_up(store: Database) -> None:
    with store.writing() as connection:
        number = jobs.add(connection, "check", {}, {}, by="p", now=NOW)
        now = NOW
        for _ in range(3):
            assert jobs.take(connection, now) is not None
            now += 2 * jobs.SILENT
        assert jobs.take(connection, now) is None
        assert jobs.find(connection, number).state is State.FAILED


def test_words_contacts_and_places_are_erased_and_history_stays(store: Database, in_force: int) -> None:
    kept = added(store, in_force, 2)
    with store.writing() as connection:
        cases.keep_contact(connection, kept[0].case.id, b"sealed")
    done(store, kept[0], Action("reject", reason="not_ours", text="no"), DESK, NOW)
    with store.writing() as connection:
        assert erasing.erase_contacts(connection, NOW + timedelta(days=89), 90) == 0
        assert erasing.erase_contacts(connection, NOW + timedelta(days=91), 90) == 1
        assert erasing.anonymise(connection, NOW + timedelta(days=366), 365) == 1
        assert erasing.anonymise(connection, NOW + timedelta(days=366), 365) == 0
        left = cases.find(connection, kept[0].case.id)
        assert (left.place.lon, left.place.lat, dict(left.place.given)) == (None, None, {})
        assert left.case.reporter is None
        assert cases.texts(connection, [kept[0].case.id]) == {kept[0].case.id: {}}
        assert len(cases.history(connection, kept[0].case.id)) == 2
        assert cases.find(connection, kept[1].case.id).place.lon is not None


def test_deeds_and_visits_are_kept_in_order(store: Database) -> None:
    from api.cases import Visit  # noqa: PLC0415

    with store.writing() as connection:
        for number in range(5):
            audit.note(connection, Who("a-1", Role.ADMINISTRATOR), "make key", f"k{number}", NOW)
        visits.add(connection, Visit("daily", "leaf-1", NOW.date()), by="s", now=NOW)
        assert [deed.object for deed in audit.deeds(connection, after=2, limit=2)] == ["k2", "k3"]
        assert visits.between(connection, NOW.date(), NOW.date()) == [Visit("daily", "leaf-1", NOW.date())]


def test_a_backup_brings_everything_back_into_either_kind(
    store: Database, in_force: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    import postgis  # noqa: PLC0415

    kept = added(store, in_force, 30)
    counts = backup(store, tmp_path / "kept.db", progress=lambda _: None)
    assert counts["cases"] == counts["case_events"] == 30
    urls = [f"sqlite:///{tmp_path / 'other.db'}"]
    if not store.is_sqlite:
        urls.append(postgis.make_database(request.getfixturevalue("cluster")))
    for url in urls:
        other = Database(url)
        assert restore(tmp_path / "kept.db", other, progress=lambda _: None) == counts
        with other.writing() as connection:
            assert [each.case for each in cases.search(connection, Wanted())] == [each.case for each in kept]
            assert plans.in_force(connection, NOW).id == in_force
            # New rows are numbered after those brought back.
            assert plans.activate(connection, 1, by=OPERATOR, now=NOW) > in_force
        with pytest.raises(InputError, match="not empty"):
            restore(tmp_path / "kept.db", other, progress=lambda _: None)
        other.close()


def test_what_is_no_backup_is_refused(store: Database, tmp_path: Path) -> None:
    (tmp_path / "none.db").write_bytes(b"")
    with pytest.raises(InputError, match="no database of wangge"):
        restore(tmp_path / "none.db", store, progress=lambda _: None)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200).filter(lambda text: "\0" not in text and text.isprintable()))
def test_any_text_is_kept_as_it_is(store: Database, in_force: int, said: str) -> None:
    with store.writing() as connection:
        number = int(connection.execute(select(func.count()).select_from(case_events)).scalar_one())
        kept, event = opened(number, in_force)
        cases.add(connection, kept, event)
        cases.write(connection, kept.case.id, 1, {"text": said})
        assert cases.texts(connection, [kept.case.id])[kept.case.id].get(1, {}).get("text", "") == said


def test_whatever_changes_of_the_cases_their_version_has_another_name(store: Database, in_force: int) -> None:
    names = []

    def named(now: datetime = NOW) -> None:
        with store.reading() as connection:
            names.append(overviews.version(connection, now))

    named()
    first, second, third = added(store, in_force, 3)
    named()
    done(store, second, Action("reject", reason="not_ours", text="no"), DESK, NOW)
    named()
    late = NOW + timedelta(days=400)
    named(late)
    for each in (first, third):  # a batch, and another at the same moment, as two workers may have them
        with store.writing() as connection:
            connection.execute(table.update().where(table.c.id == each.case.id).values(over_at=NOW))
            assert erasing.anonymise(connection, late, 365) > 0
        named(late)
    assert len(set(names)) == len(names)


def test_what_is_numbered_first_and_kept_last_is_seen_too(store: Database, in_force: int) -> None:
    if store.is_sqlite:
        pytest.skip("writers take turns")
    with store.writing() as slow:
        cases.add(slow, *opened(1, in_force))
        with store.writing() as quick:
            cases.add(quick, *opened(2, in_force))
        with store.reading() as connection:
            before = overviews.version(connection, NOW)
    with store.reading() as connection:
        assert overviews.version(connection, NOW) != before


def test_a_moment_without_time_zone_is_refused(store: Database) -> None:
    with pytest.raises(Exception, match="time zone"), store.writing() as connection:
        audit.note(connection, Who("a", Role.DESK), "x", "y", datetime(2026, 1, 1))  # noqa: DTZ001
    assert isinstance(Case, type)


def test_what_is_written_after_erasing_is_erased_in_its_turn(store: Database, in_force: int) -> None:
    kept = done(store, added(store, in_force, 1)[0], Action("reject", reason="not_ours", text="no"), DESK, NOW)
    late = NOW + timedelta(days=366)
    with store.writing() as connection:
        assert erasing.anonymise(connection, late, 365) == 1
    done(store, kept, Action("reopen", text="again"), Actor("administrator", "a-1"), late)
    with store.writing() as connection:
        again = cases.find(connection, kept.case.id)
        assert again.erased_at is None
        cases.write(connection, kept.case.id, again.case.version, {"text": "words written late"})
    done(store, again, Action("reject", reason="not_ours", text="no"), DESK, late)
    with store.writing() as connection:
        assert erasing.anonymise(connection, late + timedelta(days=366), 365) == 1
        assert cases.texts(connection, [kept.case.id]) == {kept.case.id: {}}
