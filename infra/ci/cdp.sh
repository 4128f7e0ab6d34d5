#!/bin/sh
# Plan and apply for a pipeline. GitHub's and GitLab's files beside this one call the same words:
#
#   cdp.sh plan OUT             writes OUT/comment.md, and OUT/plan_id where there is something to apply
#   cdp.sh apply ID MESSAGE     applies exactly the plan of this id; without an id there is nothing to apply
#
# The exit code is that of `cdp`, but for a plan with changes, which is 0 here: it is no failure of the pipeline.
# Nothing is connected to: a proposed configuration could have the secrets of what runs sent to a place of its own.
# What is printed holds names and configuration, never a secret: `cdp` sees to that, and nothing here traces.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
mark='<!-- cdp-plan:production -->'

plan() {
    out=$1 code=0
    mkdir -p "$out"
    rm -f "$out/comment.md" "$out/plan_id"
    refuse_links || code=$?
    [ "$code" -ne 0 ] ||
        "$here/cdp" plan --no-connect -o "$out/plan.json" --markdown "$out/comment.md" >"$out/plan.txt" 2>"$out/problem.txt" || code=$?
    cat "$out/plan.txt"
    cat "$out/problem.txt" >&2
    if [ "$code" -eq 2 ]; then
        grep -o '"plan_id": *"[0-9a-f]*"' "$out/plan.json" | head -n 1 | cut -d '"' -f 4 >"$out/plan_id"
        code=0
    elif [ "$code" -ne 0 ] && [ ! -e "$out/comment.md" ]; then
        tell_problem
    fi
    return "$code"
}

# A proposed configuration is data from somebody else: a link in it could show what else this machine holds.
refuse_links() {
    : >"$out/plan.txt"
    links=$(find "${CDP_TENANT_CONFIG:-$here/tenant_config}" -type l)
    [ -z "$links" ] || echo "Error: symbolic links in the configuration: $links. Expected files." >"$out/problem.txt"
    [ -z "$links" ]
}

tell_problem() {
    {
        printf '%s\n### No plan for `production`\n\n```\n' "$mark"
        head -c 50000 "$out/problem.txt" | sed "s/\`\`\`/'''/g"
        printf '\n```\n'
    } >"$out/comment.md"
}

apply() {
    if [ -z "$1" ]; then
        echo "Nothing to apply."
        return 0
    fi
    "$here/cdp" apply "$1" --message "$2"
}

case ${1:-} in
    plan) plan "${2:?the folder for the results}" ;;
    apply) apply "${2-}" "${3-}" ;;
    *) echo "Usage: cdp.sh plan OUT | cdp.sh apply ID MESSAGE" >&2; exit 1 ;;
esac
