"""A person's prompts: once each, found by their words, starred for good, and nobody else's."""

from __future__ import annotations

from dataclasses import replace


def add(store, make_run, prompt, owner="ann"):
    run = make_run(owner=owner)
    return store.runs.add(replace(run, request=replace(run.request, prompt=prompt)))


def test_the_history_lists_each_prompt_once_and_only_ones_own(store, make_run):
    for prompt in ("A boat", "A \n**heron** {x} كلب", "A boat", ""):
        add(store, make_run, prompt)
    add(store, make_run, "A secret", owner="bob")
    assert store.prompts.history("ann") == ["A boat", "A \n**heron** {x} كلب"]
    assert store.prompts.history("ann", "hero") == ["A \n**heron** {x} كلب"]
    assert store.prompts.history("ann", "nothing of it") == []
    assert store.prompts.history("ann", limit=1) == ["A boat"]
    assert store.prompts.history("eve") == []


def test_a_long_prompt_comes_back_whole(store, make_run):
    add(store, make_run, "word " * 600 + "end")
    assert store.prompts.history("ann") == ["word " * 600 + "end"]


def test_stars_are_kept_once_and_taken_away(store, clock):
    for prompt in ("A boat", "A heron", "A boat"):
        clock.advance(1)
        store.prompts.star("ann", prompt, clock())
    assert store.prompts.starred("ann") == ["A boat", "A heron"]
    assert store.prompts.starred("bob") == []
    store.prompts.unstar("bob", "A boat")
    store.prompts.unstar("ann", "A heron")
    assert store.prompts.starred("ann") == ["A boat"]
