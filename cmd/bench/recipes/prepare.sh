#!/usr/bin/env bash
# Prepares what the comparison of recipes reads: prepare.sh FM OUT makes OUT/texts, OUT/prepared and OUT/corpus with the fm binary FM.
#
# FMKIT_DATA is the folder of data sets. FMKIT_DIALOGUES holds checkouts of the repositories dstc8-schema-guided-dialogue (the files that are smaller
# than 4 MiB were used), Taskmaster, self_dialogue_corpus and irc-disentanglement. Debian's packages are downloaded, not installed.
set -euo pipefail
fm=$(realpath "$1") out=$(mkdir -p "$2" && realpath "$2")
: "${FMKIT_DATA:?} ${FMKIT_DIALOGUES:?}"
export FMKIT_TEXTS=$out/texts FMKIT_PREPARED=$out/prepared
mkdir -p "$FMKIT_TEXTS" "$FMKIT_PREPARED"

packages=(dict-wn dict-foldoc gnucash-docs gnome-user-docs debian-handbook)
(cd "$FMKIT_TEXTS" && apt-get download "${packages[@]}" && for p in *.deb; do dpkg -x "$p" .; done)

prepare() { "$fm" data prepare "$1" --src "$FMKIT_DATA/$2" --out "$FMKIT_PREPARED/$1" "${@:3}"; }
prepare banking77 cls-banking77/train.csv --held-back 0.2
prepare clinc150 cls-clinc150/data_full.train-val.json
prepare snips slots-snips --held-back 0.2
prepare squad qa-squad/squad-dev-v1.1.part-dev.json
prepare scitldr sum-scitldr/dev.jsonl
"$fm" data prepare corpus --src "$(dirname "$0")/corpus.json" --out "$out/corpus"
