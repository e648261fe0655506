// RUN: transom-opt %s --split-input-file --keep-states | FileCheck %s
// RUN: transom-opt %s --split-input-file --keep-states=only=true --verify-diagnostics -o /dev/null

// New rows before the old ones: no buffer can be continued that way.
// CHECK-LABEL: func.func @before(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run, so there is no state to keep}}
func.func @before(%x: tensor<1x4xf32>, %past: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {transformer.entry} {
  %0 = transformer.concat %x, %past <{axis = 0 : i64}> : tensor<1x4xf32>, tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// An input of fixed size grows out of its type.
// CHECK-LABEL: func.func @fixed(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @fixed(%x: tensor<1x4xf32>, %past: tensor<7x4xf32>) -> tensor<8x4xf32> attributes {transformer.entry} {
  %0 = transformer.concat %past, %x <{axis = 0 : i64}> : tensor<7x4xf32>, tensor<1x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

// A residual stream has a length; one that has none is still all that the model says.
// CHECK-LABEL: func.func @residual(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @residual(%x: tensor<1x?x4xf32>, %w: tensor<4x4xf32>, %y: tensor<1x4xf32>) -> (tensor<1x?x4xf32>, tensor<1x4xf32>) attributes {transformer.entry} {
  %0 = transformer.matmul %x, %w : tensor<1x?x4xf32>, tensor<4x4xf32>
  %1 = transformer.binary add %x, %0 : tensor<1x?x4xf32>, tensor<1x?x4xf32>
  %2 = transformer.softmax %y <{axis = 1 : i64}> : tensor<1x4xf32>
  return %1, %2 : tensor<1x?x4xf32>, tensor<1x4xf32>
}

// -----

// CHECK-LABEL: func.func @only_output(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @only_output(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>) -> tensor<1x4xf32> attributes {transformer.entry} {
  %0 = transformer.matmul %x, %w : tensor<1x4xf32>, tensor<4x4xf32>
  %1 = transformer.binary add %x, %0 : tensor<1x4xf32>, tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// -----

// Two inputs of the type: which one is the state?
// CHECK-LABEL: func.func @either(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @either(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) attributes {transformer.entry} {
  %0 = transformer.binary add %a, %b : tensor<4x4xf32>, tensor<4x4xf32>
  %1 = transformer.matmul %a, %b : tensor<4x4xf32>, tensor<4x4xf32>
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

// The input as it was before is read too, and would be written over.
// CHECK-LABEL: func.func @both(
// CHECK-NOT:   in_place
// expected-error@+1 {{no output is an input of the next run}}
func.func @both(%new: tensor<1x2x3x4xf32>, %at: tensor<1xi64>, %cache: tensor<1x2x8x4xf32>) -> (tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>) attributes {transformer.entry} {
  %0 = transformer.kv_write %cache, %new at %at : tensor<1xi64> <{axis = 2 : i64}> : tensor<1x2x8x4xf32>, tensor<1x2x3x4xf32>
  %1 = transformer.softmax %cache <{axis = 3 : i64}> : tensor<1x2x8x4xf32>
  return %0, %1 : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>
}

// -----

// An encoder: products mix the elements of its input.
// CHECK-LABEL: func.func @encoder(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @encoder(%x: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {transformer.entry} {
  %0 = transformer.matmul %x, %x : tensor<4x4xf32>, tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// Neither branch continues a cache.
// CHECK-LABEL: func.func @branches(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @branches(%c: tensor<i1>, %x: tensor<1x4xf32>, %past: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {transformer.entry} {
  %0 = transformer.if %c : tensor<i1> -> tensor<?x4xf32> {
    %1 = transformer.concat %x, %past <{axis = 0 : i64}> : tensor<1x4xf32>, tensor<?x4xf32>
    transformer.yield %1 : tensor<?x4xf32>
  } else {
    transformer.yield %x : tensor<1x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

// What decides is computed, so both branches stay.
// CHECK-LABEL: func.func @computed(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @computed(%n: tensor<i64>, %x: tensor<1x4xf32>, %past: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {transformer.entry} {
  %zero = transformer.constant dense<0> : tensor<i64>
  %c = transformer.compare gt %n, %zero : tensor<i64>, tensor<i64>
  %0 = transformer.if %c : tensor<i1> -> tensor<?x4xf32> {
    %1 = transformer.concat %past, %x <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
    transformer.yield %1 : tensor<?x4xf32>
  } else {
    transformer.yield %x : tensor<1x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

// Two Ifs: which one is about the caches?
// CHECK-LABEL: func.func @two(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @two(%c: tensor<i1>, %d: tensor<i1>, %x: tensor<1x4xf32>, %past: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<1x4xf32>) attributes {transformer.entry} {
  %0 = transformer.if %c : tensor<i1> -> tensor<?x4xf32> {
    %1 = transformer.concat %past, %x <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
    transformer.yield %1 : tensor<?x4xf32>
  } else {
    transformer.yield %x : tensor<1x4xf32>
  }
  %2 = transformer.if %d : tensor<i1> -> tensor<1x4xf32> {
    %3 = transformer.unary neg %x : tensor<1x4xf32>
    transformer.yield %3 : tensor<1x4xf32>
  } else {
    transformer.yield %x : tensor<1x4xf32>
  }
  return %0, %2 : tensor<?x4xf32>, tensor<1x4xf32>
}

// -----

// The If says less of a result than the branch does, and something goes on from it.
// CHECK-LABEL: func.func @wider(
// CHECK-NOT:   func.func
// expected-error@+1 {{no output is an input of the next run}}
func.func @wider(%c: tensor<i1>, %x: tensor<1x4xf32>, %past: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) attributes {transformer.entry} {
  %0:2 = transformer.if %c : tensor<i1> -> tensor<?x4xf32>, tensor<?x4xf32> {
    %1 = transformer.concat %past, %x <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
    transformer.yield %1, %x : tensor<?x4xf32>, tensor<1x4xf32>
  } else {
    %2 = transformer.concat %x, %x <{axis = 0 : i64}> : tensor<1x4xf32>, tensor<1x4xf32>
    transformer.yield %x, %2 : tensor<1x4xf32>, tensor<2x4xf32>
  }
  %3 = transformer.unary neg %0#1 : tensor<?x4xf32>
  return %0#0, %3 : tensor<?x4xf32>, tensor<?x4xf32>
}
