#!/usr/bin/env bash
# MuJoCo's robots, for the night: nightly.sh MJCF OUT [HOPPER_STEPS] needs Debian's libmujoco-dev and Gymnasium's robots in the folder MJCF (Gymnasium 1.4.0,
# gymnasium/envs/mujoco/assets), and builds the rest.
#
#   InvertedPendulum-v5   five seeds of PPO, 51,200 steps each, 100 episodes of the likeliest actions: fails where the interquartile mean is below 950
#   Hopper-v5             one seed: returns by steps in OUT/Hopper-v5.curve, and as a picture in OUT/Hopper-v5/report.html
#   HalfCheetah-v5        the same
#
# On one loaded core (MuJoCo 2.2.2) Hopper-v5 came to 2,920 after 198,656 steps and HalfCheetah-v5 to 2,592 after 299,008, interquartile means of 20 episodes of one seed;
# means of what was played on the way, with drawn actions:
#
#   Hopper-v5       2,048 15   34,816 218   61,440 318   86,016 472   110,592 606   135,168 739   159,744 849   190,464 1,043
#   HalfCheetah-v5  24,576 -225   88,064 87   165,888 871   215,040 1,273   256,000 1,573   299,008 1,721
#
# What MuJoCo gives differs between its versions and between machines, so figures are of one machine.
set -euo pipefail
mjcf=$(realpath "$1") out=$(mkdir -p "$2" && realpath "$2") steps=${3:-1000000}
cd "$(dirname "$0")/../../.."
go build -tags mujoco -o "$out/fm" ./cmd/fm
cd "$out"
learn() { # ENVIRONMENT SEED STEPS FOLDER EPISODES
	./fm adapt policy --base none --env "$1" --mjcf "$mjcf" --seed "$2" --steps "$3" --episodes "$5" --out "$4" --json 2>"$4.log"
}
also=()
for seed in 1 2 3 4 5; do
	learn InvertedPendulum-v5 "$seed" 51200 "pendulum-$seed" 0 >/dev/null
	[ "$seed" = 1 ] || also+=(--also "pendulum-$seed")
done
./fm eval policy --adapter pendulum-1 "${also[@]}" --mjcf "$mjcf" --episodes 100 --json | tee InvertedPendulum-v5.json
for robot in Hopper-v5 HalfCheetah-v5; do
	learn "$robot" 1 "$steps" "$robot" 100 | tee "$robot.json"
	sed -n 's|^step \([0-9]*\)/.*return \([-0-9.]*\).*|\1 \2|p' "$robot.log" >"$robot.curve"
done
awk -F'"iqm":' '{split($2, v, ","); if (v[1] + 0 < 950) {print "InvertedPendulum-v5: got " v[1] ", want 950"; exit 1}}' InvertedPendulum-v5.json
