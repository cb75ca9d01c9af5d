"""Actions on comparisons: plan a lane, send all lanes, send one again, make a comparison of existing clips.

Draws nothing. `dailies.compare.lanes` plans a lane; this module adds the session's gateway, hosted uploads and the
bytes of references. Sending has two steps: what is prepared has read everything it needs from the session, so that
Streamlit cannot interrupt what is sent.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from components import hosting, session
from components.form.held import import_media
from dailies.catalog.prices import Cost, Unpriced
from dailies.compare import lanes
from dailies.compare.lanes import Planned
from dailies.compare.nouns import Comparison, Idea, Lane, View
from dailies.compare.plan import Bill, Verdict, add_costs
from dailies.domain import Cell, MediaLimits, Reference, Request, Run
from dailies.errors import DailiesError, MediaError
from dailies.media.fixes import fix_for
from dailies.request import wire
from dailies.services import PersonalServices
from dailies.text import clean_file_name
from dailies.vocabulary import Mode
from dailies.work.actions import send_again
from dailies.work.life import create_run, name_press

# --- before anything is sent -------------------------------------------------------------------------------------


def new_lane(family: str, entry: str, model: str) -> Lane:
    return Lane(secrets.token_hex(4), family, entry, model)


def new_comparison(idea: Idea, its_lanes: Sequence[Lane], *, title: str = "", parent: str = "") -> Comparison:
    """Make a comparison that is not stored yet."""
    now = session.services().now()
    return Comparison(
        secrets.token_hex(16), session.owner(), now, now, title=title, idea=idea, lanes=tuple(its_lanes), parent=parent
    )


def copy_comparison(comparison: Comparison) -> Comparison:
    """Make the same comparison again with nothing sent, without judgements and without clips made elsewhere."""
    again = [
        Lane(secrets.token_hex(4), lane.family, lane.entry, lane.model, overrides=lane.overrides, gateway=lane.gateway)
        for lane in comparison.lanes
        if lane.model
    ]
    view = replace(comparison.view, pair=(), heard="")
    new = new_comparison(comparison.idea, again, title=comparison.title, parent=comparison.id)
    return replace(new, view=view, criteria=comparison.criteria)


def compare_clips(runs: Sequence[Run], elsewhere: Sequence[Lane] = (), *, names: bool = True) -> Comparison:
    """Make a comparison of finished runs and clips made elsewhere; its idea is what the requests have in common."""
    made = [replace(new_lane(r.request.family, r.request.entry, r.request.model), run=r.id) for r in runs]
    comparison = new_comparison(_find_common([run.request for run in runs]), [*made, *elsewhere])
    return replace(comparison, view=View(names=names))


def _find_common(requests: Sequence[Request]) -> Idea:
    if not requests:
        return Idea()
    first, *others = requests
    values = {k: v for k, v in first.values.items() if all(other.values.get(k) == v for other in others)}
    references: Mapping[str, tuple[Reference, ...]] = {
        slot: held for slot, held in first.references.items() if all(o.references.get(slot) == held for o in others)
    }
    same = all(other.prompt == first.prompt for other in others)
    return Idea(first.mode, first.prompt if same else "", values, references)


def import_clip(name: str, data: bytes) -> Lane:
    """Make a lane of an uploaded video. Raises `MediaError` for a file that cannot be played."""
    files = session.services().store.files
    from dailies.media import clips  # PyAV: a page that takes in no clip does not wait for it

    part = files.clips / f".{secrets.token_hex(16)}.part"
    try:
        part.write_bytes(data)
        clip = clips.take_in(part, files.clips)
        files.sync(*clip.files)
    except MediaError as error:
        raise MediaError(error.what, "Choose another file.") from None
    except OSError as error:
        raise MediaError(f"The clip could not be stored: {error.strerror}.", "Try again.") from error
    finally:
        part.unlink(missing_ok=True)
    return Lane(secrets.token_hex(4), title=clean_file_name(name).rsplit(".", 1)[0][:80] or "Clip", clip=clip)


def find_cell(lane: Lane, mode: Mode) -> Cell | None:
    """Find the cell of a lane in a mode; None where its model lacks the mode, or the catalog no longer has it."""
    family = session.catalog().families.get(lane.family)
    if family is None or family.model(lane.model, lane.entry) is None:
        return None
    return family.cell(lane.model, mode, lane.entry)


def plan_lane(idea: Idea, lane: Lane) -> Planned:
    """Plan a lane with what the app can do for it: host uploads, fix references, and name a model that nobody knows."""
    family = session.catalog().families.get(lane.family)
    offers = family.modes(lane.model, lane.entry) if family and family.model(lane.model, lane.entry) else ()
    cell = find_cell(lane, idea.mode)
    slots = {slot.id: slot for slot in cell.slots} if cell else {}
    references = {slot: hosting.host(held, slots.get(slot), lane.gateway) for slot, held in idea.references.items()}
    plan = lanes.plan_lane(idea, lane, cell, references, offers=offers, fix_title=_name_fix)
    unknown = session.catalog().name_unknown(lane.model)
    return replace(plan, differences=(unknown, *plan.differences)) if unknown else plan


def _name_fix(reference: Reference, limits: MediaLimits) -> str | None:
    fix = fix_for(reference, limits)
    return fix.title if fix else None


def estimate(idea: Idea, planned: Iterable[tuple[Lane, Planned]]) -> tuple[Bill, Verdict]:
    """Return the cost of sending these lanes, and what the operator's limits say about it."""
    gate, gateway = session.services().gate, session.gateway().name
    prices: list[Cost | Unpriced] = []
    try:
        for lane, plan in planned:
            if not plan.refused:
                cell, request = find_cell(lane, idea.mode), plan.checked.request if plan.checked else None
                priced = gate.price(request, cell, lane.gateway or gateway) if cell and request else None
                prices.append(priced or Unpriced("a reference changes first"))
        return add_costs(prices), gate.weigh(prices, session.owner())
    except DailiesError as error:
        return Bill(0), Verdict(blocked=str(error))


# --- sending -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sender:
    """What the session says about sending. Read at once: Streamlit may interrupt any look into the session."""

    services: PersonalServices
    gateway: str
    mine: set[str]
    now: datetime

    def make_run(self, request: Request, cell: Cell, gateway: str, token: str = "") -> Run:
        """Make a run for a gateway, paid for with this person's key there; an empty name means the one in use."""
        call, name = wire.encode(request, cell), gateway or self.gateway
        key = session.credential(name)
        return create_run(request, call, cell.route, name, self.now, owner=session.owner(), credential=key, token=token)


@dataclass(frozen=True, slots=True)
class Launch:
    """Comparisons with their runs, ready to be sent. Sending reads the session no more: all are sent, or none."""

    new: tuple[tuple[Comparison, tuple[Run, ...]], ...]
    agreed: bool  # the person has confirmed what the limits ask
    services: PersonalServices
    mine: set[str]

    def send(self) -> list[Comparison]:
        """Store everything in one transaction and have the runs sent; returns the stored comparisons.

        If the press has been sent before, those comparisons are returned that it made then. Raises `NotAdmitted`.
        """
        kept = self.services.launch(self.new, agreed=self.agreed)
        self.mine.update(lane.run for comparison in kept for lane in comparison.lanes if lane.run)
        return kept


def prepare(comparisons: Iterable[Comparison], token: str = "", *, agreed: bool = False) -> Launch:
    """Plan and encode every lane of new comparisons. `token` is that of the press that sends them, `agreed` as for
    `dailies.services`.

    Where names are hidden, the lanes are shuffled, so that their letters reveal nothing. A lane that cannot be sent
    keeps the reason and affects no other.
    """
    sender = _read_sender()
    numbered = enumerate(comparisons)  # each comparison of a press has a press of its own
    new = tuple(_prepare(sender, comparison, token and f"{token}/{number}") for number, comparison in numbered)
    return Launch(new, agreed, sender.services, sender.mine)


def _read_sender() -> _Sender:
    services = session.services()
    return _Sender(services, session.gateway().name, session.mine(), services.now())


def _prepare(sender: _Sender, comparison: Comparison, token: str) -> tuple[Comparison, tuple[Run, ...]]:
    its_lanes: list[Lane] = []
    runs: list[Run] = []
    for lane in comparison.lanes:
        if lane.run or lane.clip:
            its_lanes.append(lane)
        else:
            planned, run = _prepare_lane(sender, comparison.idea, lane)
            its_lanes.append(planned)
            runs += [run] if run else []
    # The press is named in the order of the form: a repeated press finds it, whatever the shuffle says.
    asked = (comparison.title, comparison.criteria, comparison.view.names, [_describe(lane) for lane in its_lanes])
    press = name_press(token, (asked, [run.call for run in runs]), sender.gateway) if token else ""
    if not comparison.view.names:
        random.SystemRandom().shuffle(its_lanes)
    return replace(comparison, lanes=tuple(its_lanes), press=press), tuple(runs)


def _describe(lane: Lane) -> tuple[object, ...]:
    return lane.family, lane.entry, lane.model, lane.gateway, sorted(lane.overrides.items()), lane.refused


def _prepare_lane(sender: _Sender, idea: Idea, lane: Lane, token: str = "") -> tuple[Lane, Run | None]:
    """Return the lane to store, and its run where it can be sent."""
    first = plan = plan_lane(idea, lane)
    cell = find_cell(lane, idea.mode)
    if plan.fixes and not plan.refused:
        try:
            fixed = _fix_references(sender, idea, plan, cell)
        except DailiesError as error:
            return replace(lane, refused=str(error)), None
        plan = plan_lane(fixed, lane)
    if cell is None or plan.refused or plan.checked is None or plan.checked.request is None:
        return replace(lane, announced=first.announced, refused=plan.refused or "Nothing could be sent."), None
    run = sender.make_run(plan.checked.request, cell, lane.gateway, token)
    return replace(lane, announced=first.announced, refused="", run=run.id), run


def _fix_references(sender: _Sender, idea: Idea, plan: Planned, cell: Cell | None) -> Idea:
    """Return the idea with its references changed as the plan announced. Raises `MediaError`."""
    references = {slot: list(held) for slot, held in idea.references.items()}
    for wanted in plan.fixes:
        slot = cell.slot(wanted.slot) if cell else None
        fix = fix_for(wanted.reference, slot.limits) if slot else None
        if fix is not None:
            made = fix.apply(sender.services.store.files.read(wanted.reference.digest))
            changed = import_media(wanted.reference.name, made.data)
            done = (*wanted.reference.done, *(f"{what} for this lane" for what in made.done))
            references[wanted.slot][wanted.position] = replace(changed, done=done)
    return replace(idea, references={slot: tuple(held) for slot, held in references.items()})


def check_gateway(name: str = "") -> None:
    """Raise `DailiesError` if nothing can be sent to a gateway now, by default the one in use."""
    if problem := session.gateway_problem(name):
        raise DailiesError(f"{problem.where}: {problem.what}. {problem.fix}")


def check_gateways(its_lanes: Iterable[Lane]) -> None:
    """Raise `DailiesError` if nothing can be sent to the gateway of one of these lanes now."""
    for name in dict.fromkeys(lane.gateway for lane in its_lanes):
        check_gateway(name)


@dataclass(frozen=True, slots=True)
class LaneLaunch:
    """One lane with its new run, ready to be sent. Sending reads the session no more."""

    comparison: str
    lane: Lane
    before: str  # the run that the lane had when the button was drawn
    run: Run | None
    agreed: bool  # the person has confirmed what the limits ask
    services: PersonalServices
    mine: set[str]

    def send(self) -> None:
        """Store the lane with its run and have the run sent.

        Raises `NotAdmitted`, and `DailiesError` if the lane has another run by now.
        """
        if not self.services.send_lane(self.comparison, self.lane, self.before, self.run, agreed=self.agreed):
            raise DailiesError("This lane has been sent again elsewhere meanwhile.")
        if self.run:
            self.mine.add(self.run.id)


def prepare_lane(
    comparison: Comparison, lane: Lane, before: Run | None, token: str, *, agreed: bool = False
) -> LaneLaunch:
    """Prepare to send one lane again, which is charged again. A lane that never sent anything is planned again.

    `before` is the stored run of the lane, which must have ended. Raises `DailiesError` if nothing can be sent.
    """
    check_gateway(before.gateway if before else lane.gateway)
    sender = _read_sender()
    run: Run | None
    if before is not None:
        again = send_again(before, "", sender.now, token)
        run = replace(again, credential=session.credential(before.gateway))
        changed = replace(lane, run=run.id)
    else:
        changed, run = _prepare_lane(sender, comparison.idea, lane, token)
    return LaneLaunch(comparison.id, changed, lane.run, run, agreed, sender.services, sender.mine)
