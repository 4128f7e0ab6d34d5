"""How people were found: by keys and equal values, by the model, or through others; and how strongly."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.regrouped import PAIR

ID = "amperity_id"
DETERMINISTIC, PROBABILISTIC, TRANSITIVE = "deterministic", "probabilistic", "transitive"
STRATEGIES = (DETERMINISTIC, PROBABILISTIC, TRANSITIVE)
ORDER = ["score", *PAIR]


def strategies(scores: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, people, pairs: what joined the pairs of unified_scores, and how many people have such a pair.

    Deterministic is an exact pair: an equal key, a rule or a label that joins, a duplicate. Probabilistic is any other
    pair that was compared because it shares a blocking key, transitive one that only others brought together. A person
    counts for each strategy that one of their pairs has.
    """
    exact = pl.col("match_category") == "exact"
    through = pl.col("match_type") == "scored_transitive"
    strategy = pl.when(exact).then(pl.lit(DETERMINISTIC)).when(through).then(pl.lit(TRANSITIVE))
    found = scores.select(ID, strategy=strategy.otherwise(pl.lit(PROBABILISTIC)))
    return strategies_of_all(found.group_by("strategy").agg(people=pl.col(ID).n_unique(), pairs=pl.len()))


def strategies_of_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `strategies` of all people, of whom each is in one part."""
    counts = parts.group_by("strategy").agg(pl.col("people", "pairs").sum())
    every = pl.DataFrame({"strategy": list(STRATEGIES)}).join(counts, on="strategy", how="left", maintain_order="left")
    return every.with_columns(pl.col("people", "pairs").fill_null(0).cast(pl.Int64))


def weakest(scores: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the people who are held together most weakly: of each the record whose best pair is the worst.

    Columns out: amperity_id, source1, pk1 (that record), source2, pk2 (whom it fits best), score, match_category;
    weakest first.
    """
    chosen = scores.filter(pl.col(ID).is_in(_weakest_people(scores, most)))
    turned = chosen.rename({"source1": "source2", "pk1": "pk2", "source2": "source1", "pk2": "pk1"})
    columns = [ID, *PAIR, "score", "match_category"]
    both = pl.concat([chosen.select(columns), turned.select(columns)])
    best = both.sort(ORDER, descending=[True, *[False] * len(PAIR)]).unique(
        ["source1", "pk1"], keep="first", maintain_order=True
    )
    return best.sort(ORDER).unique(ID, keep="first", maintain_order=True)


def weakest_of_all(parts: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give `weakest` of all people, of whom each is in one part."""
    return parts.sort("score", ID).head(most).sort(ORDER)


def _weakest_people(scores: pl.DataFrame, most: int) -> list[str]:
    """Give the people whose worst record fits worst; of equal ones those with the smaller ids.

    How well it fits lies between their worst and their best pair: so few people are looked at closely.
    """
    score = pl.col("score")
    people = scores.group_by(ID).agg(worst=score.min(), best=score.max())
    enough = pl.col("best").bottom_k(most).max()
    near = scores.join(people.filter(pl.col("worst") <= enough), on=ID, how="semi")
    sides = [near.select(ID, "score", source=f"source{side}", pk=f"pk{side}") for side in (1, 2)]
    best = pl.concat(sides).group_by(ID, "source", "pk").agg(score.max())
    return best.group_by(ID).agg(score.min()).sort("score", ID).head(most)[ID].to_list()


def deciders(explanations: pl.DataFrame) -> pl.DataFrame:
    """Give decided_by, pairs, conflicts, percent: what overruled the model, and how often people came out otherwise.

    All pairs of stitch_explanations are of one person each; one in conflict is a pair that its decider would separate.
    """
    decided = explanations.filter(pl.col("decided_by").is_not_null())
    return deciders_of_all(decided.group_by("decided_by").agg(pairs=pl.len(), conflicts=(pl.col("score") == 0).sum()))


def deciders_of_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `deciders` of all pairs, of which each is in one part; columns in: decided_by, pairs, conflicts."""
    found = parts.group_by("decided_by").agg(pl.col("pairs", "conflicts").sum())
    percent = 100.0 * pl.col("conflicts") / pl.col("pairs")
    return found.with_columns(percent=percent).sort("pairs", "decided_by", descending=[True, False])
