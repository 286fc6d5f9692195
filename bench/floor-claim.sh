#!/bin/sh
# The floor of a claim: the same result with git commands alone, in a plain shell script that trusts everything to go
# well. It fetches, reads the plan and the lock, writes the same files into one commit of the ledger and pushes it,
# makes the session branch with .session/ as its first commit, a work tree on it with its settings and hooks folder, and
# brings the linked work tree of the ledger forward. Trees are built through an index of their own, without a checkout.
# It checks no dependency, keeps no intent, takes no turn, retries nothing and looks for nobody's edits.
set -eu
clone=$1
id=$2
agent=bench
email=bench@berth.example
cd "$clone"

git() {
  command git -c core.fsync=all -c core.fsyncMethod=batch -c gc.auto=0 -c maintenance.auto=false "$@"
}

scratch=.git/floor-$$
mkdir "$scratch"
ledger=refs/remotes/origin/berth/ledger
export GIT_AUTHOR_NAME=$agent GIT_AUTHOR_EMAIL=$email GIT_COMMITTER_NAME=$agent GIT_COMMITTER_EMAIL=$email

# What there is.
git fetch --quiet --no-tags --no-write-fetch-head --no-auto-maintenance --no-recurse-submodules origin \
  +refs/heads/main:refs/remotes/origin/main +refs/heads/berth/ledger:$ledger
revisions=$(git rev-parse $ledger refs/remotes/origin/main "$ledger:planned/$id/SESSION.md")
tip=$(printf '%s\n' "$revisions" | sed -n 1p)
base=$(printf '%s\n' "$revisions" | sed -n 2p)
plan=$(printf '%s\n' "$revisions" | sed -n 3p)
git cat-file -p "$plan" >"$scratch/plan"
git cat-file -p "$tip:sessions.lock" >"$scratch/lock" 2>/dev/null || :
if grep -q "^$id " "$scratch/lock"; then echo "$id is claimed" >&2; exit 4; fi

# The files of the claim.
cat >"$scratch/claim" <<END
session: $id
epoch: 1
agent: $agent
email: $email
host: harbour
claimed_at: 2026-01-01T00:00:00Z
token: sha256:0000000000000000000000000000000000000000000000000000000000000000
branch: session/$id
base: $base
plan: $plan
tip: null
landed: []
landing: null
holders:
  - name: $agent
    email: $email
ended: null
END
printf "export BERTH_SESSION='%s'\nexport BERTH_AGENT='%s'\nexport BERTH_EPOCH='1'\n" "$id" "$agent" >"$scratch/env"
printf '# Worklog: %s\n\n## [2026-01-01 00:00] Claimed\n\nBy %s, epoch 1.\n' "$id" "$agent" >"$scratch/worklog"
printf '# Active plan: %s\n\n## [2026-01-01 00:00] Start\n' "$id" >"$scratch/active"
printf '# Subsessions: %s\n' "$id" >"$scratch/subsessions"
printf '%s 1767225600\n' "$id" >>"$scratch/lock"
set -- $(printf '%s\n' claim env worklog active subsessions lock | sed "s|^|$scratch/|" |
  git hash-object -w --no-filters --stdin-paths)
claim=$1 env=$2 worklog=$3 active=$4 subsessions=$5 lock=$6

# One commit on the ledger, and the push that decides.
export GIT_INDEX_FILE="$scratch/index"
git read-tree "$tip"
git update-index --index-info <<END
0 $claim	planned/$id/SESSION.md
100644 $plan	active/$id/SESSION.md
100644 $claim	active/$id/claim.yaml
100644 $env	active/$id/.session-env
100644 $worklog	active/$id/worklog.md
100644 $active	active/$id/active-plan.md
100644 $subsessions	active/$id/subsessions.md
100644 $lock	sessions.lock
END
commit=$(git write-tree)
commit=$(printf '[%s] Claim session\n' "$id" | git commit-tree "$commit" -p "$tip")
git push --quiet --no-verify origin "$commit:refs/heads/berth/ledger"

# The session branch's first commit.
git read-tree "$base"
git update-index --index-info <<END
100644 $plan	.session/SESSION.md
100644 $env	.session/.session-env
100644 $worklog	.session/worklog.md
100644 $active	.session/active-plan.md
100644 $subsessions	.session/subsessions.md
END
start=$(git write-tree)
start=$(printf '[%s] chore: open the workspace\n' "$id" | git commit-tree "$start" -p "$base")
unset GIT_INDEX_FILE

# The workspace.
git worktree add --quiet -b "session/$id" ".worktrees/$id" "$start"
cd ".worktrees/$id"
git config extensions.worktreeConfig true
git config --worktree core.hooksPath "$clone/.git/berth/hooks"
git config --worktree user.name "$agent"
git config --worktree user.email "$email"
chmod 444 .session/SESSION.md

# The ledger where people see it.
cd "$clone/_AGENTS/sessions"
git read-tree -m -u "$tip" "$commit"
git update-ref --no-deref HEAD "$commit" "$tip"
rm -rf "${clone:?}/$scratch"
