"""The table of why: the evidence of each pair within a person, from which its score follows."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.drift import family_hashes, sampled, told, weights_of_sample
from cdp_assets.stitch.evidence_table import packed
from cdp_assets.stitch.model_table import model_frame
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.regrouped import PAIR
from cdp_assets.stitch.resolved import Resolved


def stitch_explanations(run: Resolved) -> pl.DataFrame:
    """Give amperity_id, source1, pk1, source2, pk2, levels, rarity, bits, decided_by, score of all pairs within people.

    levels, rarity: the evidence, as `evidence_table` packs it; with stitch_model it gives `bits` again, and `bits`
    gives the score. decided_by: the label, rule or key that overruled the model, else NULL. Records that say exactly
    the same are there once: stitch_records says who stands for whom.
    """
    pairs = run.within
    one, other = (run.collapsed.records[rows].select(KEYS) for rows in (pairs.left, pairs.right))
    return pl.DataFrame(
        {
            ID: one.join(run.assigned.ids, on=KEYS, how="left", maintain_order="left")[ID],
            "source1": one["datasource"],
            "pk1": one["pk"],
            "source2": other["datasource"],
            "pk2": other["pk"],
            **packed(pairs.evidence).to_dict(),
            "bits": run.judge.scale.model.odds(pairs.evidence)[0],
            "decided_by": run.judge.decided_by(pairs.left, pairs.right),
            "score": run.within_scores,
        }
    ).sort(PAIR)


def stitch_model(run: Resolved) -> pl.DataFrame:
    """Give the model by which the pairs were weighed, and what a sample of the records that taught it teaches.

    The sample is learnt where a day's news may follow, which hold that day's against it.
    """
    if run.given.pace == "whole":
        return run.given.previous["stitch_model"]
    model, settings = run.judge.scale.model, run.settings
    if run.hashes.height < settings.incremental_above_records:
        return told(model_frame(model), None)
    people, nicknames = run.collapsed.records, amended(run.given.nicknames)
    return told(
        model_frame(model), weights_of_sample(people[sampled(family_hashes(people))], model, settings, nicknames)
    )
