package main

import (
	"errors"

	"github.com/fmkit/fmkit/adapters/assistant"
	assisttrain "github.com/fmkit/fmkit/adapters/assistant/train"
	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/adapters/inspector"
	inspecttrain "github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/adapters/policy"
	policytrain "github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/bridge"
	"github.com/fmkit/fmkit/rl/env/mujoco"
	trajectories "github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
	"github.com/fmkit/fmkit/text/tokenizer"
	trainer "github.com/fmkit/fmkit/text/tokenizer/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
	autoencoder "github.com/fmkit/fmkit/vision/pretrain"
)

var errNonFinite = train.ErrNonFinite

// badInputs recognise the errors of the packages below that are about what the caller gave.
var badInputs = []func(error) bool{
	as[*data.RowError], as[*checkpoint.Error],
	is(
		data.ErrEmpty, data.ErrEncoding, data.ErrTooLong, data.ErrTooManyBad, data.ErrOffset, data.ErrUnknown, data.ErrTooFewShots,
		metrics.ErrEmpty, calibration.ErrSettings,
		strictjson.ErrTooLarge, strictjson.ErrDepth, strictjson.ErrSyntax, strictjson.ErrDuplicateKey, strictjson.ErrUnknownKey,
		checkpoint.ErrNotReplaceable,
		hub.ErrName, hub.ErrSetting, hub.ErrRepository, hub.ErrRevision, hub.ErrAccess, hub.ErrNoModel, hub.ErrArchive, hub.ErrUnsafeName, hub.ErrLimit,
		adapter.ErrPassport, adapter.ErrTask, adapter.ErrBaseMismatch, adapter.ErrTensors, adapter.ErrDigest, adapter.ErrDataChanged,
		finetune.ErrConfig, pretrain.ErrConfig, autoencoder.ErrConfig, trainer.ErrConfig,
		text.ErrConfig, text.ErrConfigLimit, text.ErrUnsupportedModel, text.ErrShapeMismatch, text.ErrTokenizer, text.ErrTensors, text.ErrNoHead,
		tokenizer.ErrSyntax, tokenizer.ErrField, tokenizer.ErrDepth, tokenizer.ErrLimit, tokenizer.ErrUnsupported, tokenizer.ErrVocab,
		tokenizer.ErrMerges, tokenizer.ErrSpecialToken, tokenizer.ErrRegex, tokenizer.ErrRegexUnsupported, tokenizer.ErrPostProcessor,
		tokenizer.ErrTruncation,
		vision.ErrConfig, vision.ErrConfigLimit, vision.ErrUnsupportedModel, vision.ErrShapeMismatch, vision.ErrTensors, vision.ErrProcessor, vision.ErrNoHead,
		dataset.ErrLayout, dataset.ErrDuplicate, dataset.ErrPath, dataset.ErrField, dataset.ErrIDX,
		serve.ErrConfig, serve.ErrName, serve.ErrLimit, serve.ErrNeedsKey, serve.ErrRefused,
		document.ErrSettings, document.ErrText, document.ErrEmpty, document.ErrSize,
		assistant.ErrSettings, assistant.ErrState, assistant.ErrMessage, assisttrain.ErrFewTurns,
		inspector.ErrFewPictures, inspector.ErrSettings, inspecttrain.ErrConfig,
		picture.ErrFormat, picture.ErrDecode, picture.ErrLimit,
		rl.ErrUnknown, env.ErrOption, env.ErrSeed, env.ErrAction, bridge.ErrConfig, bridge.ErrPython, bridge.ErrMake,
		mujoco.ErrUnavailable, mujoco.ErrUnknown, mujoco.ErrModel,
		trajectories.ErrConfig, trajectories.ErrData,
		trajectory.ErrFormat, trajectory.ErrLimit, trajectory.ErrEpisode,
		policy.ErrSettings, policy.ErrNoBase, policytrain.ErrConfig,
		rl.ErrConfig, rl.ErrUnsupportedModel, rl.ErrUnsupportedSpace, rl.ErrShapeMismatch, rl.ErrTensors,
		train.ErrConfig, train.ErrRecipe, train.ErrRunExists, train.ErrNoCheckpoint,
	),
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func is(sentinels ...error) func(error) bool {
	return func(err error) bool {
		for _, s := range sentinels {
			if errors.Is(err, s) {
				return true
			}
		}
		return false
	}
}
