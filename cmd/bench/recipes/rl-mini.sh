#!/usr/bin/env bash
# Records what rl/mini learns from and trains it: rl-mini.sh FM OUT makes OUT/ENVIRONMENT-WHO and OUT/run with the fm binary FM.
#
# Who plays: random everywhere; a policy that PPO has taken half-way (a fifth of the steps of its experts or less), with drawn actions, where it learns; a script
# where the environment is no target of cmd/bench/control. No expert of a target is among them.
set -euo pipefail
fm=$(realpath "$1") out=$(mkdir -p "$2" && realpath "$2") here=$(realpath "$(dirname "$0")")
cd "$out"
record() { # ENVIRONMENT WHO EPISODES SEED [more]
	"$fm" env rollout --env "$1" --policy "$2" --episodes "$3" --seed "$4" --out "$1-$(basename "$2")" "${@:5}"
}
half() { # ENVIRONMENT STEPS EPISODES
	"$fm" adapt policy --base none --env "$1" --algorithm ppo --steps "$2" --seed 7 --episodes 0 --out "half/$1/half"
	record "$1" "half/$1/half" "$3" 200000 --sample
}
record CartPole-v1 random 300 100000
record Acrobot-v1 random 20 100000
record MountainCar-v0 random 60 100000
record MountainCarContinuous-v0 random 10 100000
record Pendulum-v1 random 50 100000
record SortingCell-v0 random 15 100000
record MountainCarContinuous-v0 scripted 60 300000
record Pendulum-v1 scripted 30 300000
record SortingCell-v0 scripted 20 300000
half CartPole-v1 12288 100
half Acrobot-v1 16384 60
half MountainCar-v0 32768 40
half MountainCarContinuous-v0 16384 10
half Pendulum-v1 40960 40

if [ -n "${FMKIT_RECORD_ONLY:-}" ]; then exit; fi
export LC_ALL=C
data=$(echo *-v[01]-*/ | tr -d / | tr ' ' ,)
GOMAXPROCS=${GOMAXPROCS:-1} "$fm" pretrain rl --preset mini --config "$here/rl-mini.json" --data "$data" --out run
