// RUN: transom-opt --fuse-rotary=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.rope

// No negation: a reflection, no rotation.
// CHECK-LABEL: func.func @no_negation
func.func @no_negation(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s: index) -> tensor<?x8xf32> {
  %x1 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %x2 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %0 = transformer.concat %x2, %x1 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %2 = transformer.binary mul %0, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %3 = transformer.binary add %1, %2 : tensor<?x8xf32>, tensor<?x8xf32>
  return %3 : tensor<?x8xf32>
}

// The rotated value is not the other factor.
// CHECK-LABEL: func.func @two_values
func.func @two_values(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s: index) -> tensor<?x8xf32> {
  %y1 = transformer.slice %y[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %y2 = transformer.slice %y[] [%s] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %0 = transformer.unary neg %y2 : tensor<?x4xf32>
  %1 = transformer.concat %0, %y1 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the other product is not of the value that is rotated}}
  %4 = transformer.binary add %2, %3 : tensor<?x8xf32>, tensor<?x8xf32>
  return %4 : tensor<?x8xf32>
}

// Unequal parts.
// CHECK-LABEL: func.func @unequal_parts
func.func @unequal_parts(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s: index) -> tensor<?x8xf32> {
  %x1 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x2xf32>
  %x2 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x6xf32>
  %0 = transformer.unary neg %x2 : tensor<?x6xf32>
  %1 = transformer.concat %0, %x1 <{axis = 1 : i64}> : tensor<?x6xf32>, tensor<?x2xf32>
  %2 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %4 = transformer.binary add %2, %3 : tensor<?x8xf32>, tensor<?x8xf32>
  return %4 : tensor<?x8xf32>
}

// Tables of one factor per head enlarge nothing, but are no tables of pairs.
// CHECK-LABEL: func.func @scalar_tables
func.func @scalar_tables(%x: tensor<?x8xf32>, %cos: tensor<?x1xf32>, %sin: tensor<?x1xf32>, %s: index) -> tensor<?x8xf32> {
  %x1 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %x2 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %0 = transformer.unary neg %x2 : tensor<?x4xf32>
  %1 = transformer.concat %0, %x1 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x1xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x8xf32>, tensor<?x1xf32>
  // expected-remark @+1 {{rope stays in pieces: the tables do not broadcast to the rotated value}}
  %4 = transformer.binary add %2, %3 : tensor<?x8xf32>, tensor<?x8xf32>
  return %4 : tensor<?x8xf32>
}
