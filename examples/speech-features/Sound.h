//===- Sound.h - from a recording to a log-mel spectrogram ------*- C++ -*-===//
#ifndef SPEECH_FEATURES_SOUND_H
#define SPEECH_FEATURES_SOUND_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

constexpr int64_t sampleRate = 16000, hop = 160, window = 400; ///< Whisper's: 100 frames a second of 25 ms

/// A WAV file of one channel, 16 bits, 16 kHz as samples from -1 to 1; nothing, with the reason in `why`, where it is
/// none.
std::optional<std::vector<float>> readWav(const std::string &path, std::string &why);

/// [mels, frames] as Whisper's preprocessing has it: cut or filled with silence to `frames` hops; Hann windows,
/// mirrored at the ends; powers in `mels` bands of Slaney's mel scale up to 8 kHz; decibels / 10, at most 80 dB below
/// the loudest, then (x + 4) / 4.
std::vector<float> logMel(std::vector<float> samples, int64_t mels, int64_t frames);

#endif // SPEECH_FEATURES_SOUND_H
