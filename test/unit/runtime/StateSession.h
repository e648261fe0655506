//===- StateSession.h - an opened model with a state ------------*- C++ -*-===//
//
// Of programs that are stepProgram or have its values: what tests of states on
// the host and on GPUs have in common.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TEST_RUNTIME_STATESESSION_H
#define TRANSOM_TEST_RUNTIME_STATESESSION_H

#include "Session.h"

#include <cmath>
#include <string>

namespace transom::test {

/// `state` is the first that a test makes; 2 encoder values.
class StateSession : public Session {
public:
  using Session::Session;
  ~StateSession() { transom_state_destroy(state); }

  TransomState *make(int64_t capacity, int64_t batch, const char *device = nullptr) {
    int64_t symbols[] = {batch, 0, 0, 0, 2};
    TransomStateOptions options = {};
    options.struct_size = sizeof options;
    options.capacity = capacity;
    options.symbols = symbols;
    options.device = device;
    TransomState *made = nullptr;
    char why[TRANSOM_ERROR_BYTES] = "";
    status = transom_state_create(model, &options, &made, why, sizeof why);
    said = why;
    return made;
  }

  /// Appends rows whose elements are all `value`; the total, or NaN.
  float add(float value, int64_t rows = 1, TransomState *to = nullptr) {
    step.assign(size_t(rows) * 4, value);
    total = NAN;
    TransomTensor in = tensor(step, {1, rows, 4}), out = tensor(TRANSOM_F32, &total, {});
    out.capacity_bytes = sizeof total;
    status = transom_run_state(context, to ? to : state, &in, 1, &out, 1);
    return status == TRANSOM_OK ? total : NAN;
  }

  /// A state without rows and its copy go on apart from each other, in one place.
  void expectCopiesAreApart() {
    add(1);
    TransomState *copy = nullptr;
    ASSERT_EQ(transom_state_fork(state, &copy), TRANSOM_OK) << transom_state_error(state);
    EXPECT_STREQ(transom_state_device(copy), transom_state_device(state));
    EXPECT_EQ(transom_state_length(copy), 1);
    EXPECT_EQ(add(2), 12 + 6);
    EXPECT_EQ(add(5, 1, copy), 4 + 20 + 6);
    EXPECT_EQ(add(0), 12 + 7);
    EXPECT_EQ(add(0, 1, copy), 24 + 7);
    transom_state_destroy(copy);
  }

  TransomState *state = nullptr;
  TransomStatus status = TRANSOM_OK;
  std::string said; ///< by the last `make`
  std::vector<float> step;
  float total = 0;
};

} // namespace transom::test

#endif // TRANSOM_TEST_RUNTIME_STATESESSION_H
