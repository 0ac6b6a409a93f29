// Package assistant answers the messages of a support dialogue in one call: what the customer wants, the values that the message gives, whether it is out of scope, the best
// answer from a knowledge base with the sentence that it stands in, whether a person should take over and why, and the state that the next call needs.
//
// An Assistant is made of adapters on one base or several: a classifier for intents and, each optional, a tagger for slots, an index of passages, and a qa adapter that points
// at the answer in the passage found. Parts that leave one frozen base as it is read a message in one pass of the encoder, and parts with low-rank changes of it in one batch.
//
// The state is a plain value that the caller keeps; nothing is remembered here, and the answer to a message depends on message and state alone.
//
//	intent        the best class in scope. It is carried over from the state by a turn that only gives what the state's intent still needs.
//	out of scope  by the score of Judge above Thresholds.OutOfScope
//	answer        the passage nearest to the message, if its cosine reaches Thresholds.Answer
//	escalate      the message is out of scope; its intent is less probable than Thresholds.Intent and not carried; or the intent must be answered and nothing reaches the threshold
//
// Measured with text/mini-distilled, the classifier's head alone and 500 steps of the tagger on 800 conversations of MultiDoGO, a fifth of them held back, scored on 400 of its
// development part (3,216 turns, 95 % intervals over conversations): intents 0.898 [0.886, 0.909], TF-IDF with a linear SVM 0.889, the difference 0.008 [-0.001, 0.017]; slots' F1
// 0.499 [0.472, 0.526], below the perceptron's 0.625; out of scope AUROC 0.937 [0.912, 0.958]; 0.795 of the turns are acted on, 0.053 [0.044, 0.063] of them wrongly, where 0.05
// was asked for, and 0.022 [0.017, 0.028] are false alarms, where 0.02 was.
//
// The train sub-package makes one from dialogues and sets the thresholds on turns held back; baseline has the cheap ways that the parts have to beat.
package assistant
