// RUN: transom-opt %s --split-input-file --keep-last-logits --verify-diagnostics

// As wide as no table.
// expected-error@+1 {{no output is scores of a vocabulary for each token}}
func.func @width(%ids: tensor<1x?xi64>, %table: tensor<100x8xf32>, %w: tensor<8x99xf32>) -> tensor<1x?x99xf32> attributes {transformer.entry} {
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x8xf32>, tensor<1x?xi64>
  %0 = transformer.linear %x, %w : tensor<1x?x8xf32>, tensor<8x99xf32>
  return %0 : tensor<1x?x99xf32>
}

// -----

// Shares among the tokens: the other rows count.
// expected-error@+1 {{no output is scores of a vocabulary for each token}}
func.func @softmax(%ids: tensor<1x?xi64>, %table: tensor<100x8xf32>, %w: tensor<8x100xf32>) -> tensor<1x?x100xf32> attributes {transformer.entry} {
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x8xf32>, tensor<1x?xi64>
  %0 = transformer.linear %x, %w : tensor<1x?x8xf32>, tensor<8x100xf32>
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<1x?x100xf32>
  return %1 : tensor<1x?x100xf32>
}

// -----

// A bias that differs from token to token.
// expected-error@+1 {{no output is scores of a vocabulary for each token}}
func.func @bias(%ids: tensor<1x?xi64>, %table: tensor<100x8xf32>, %w: tensor<8x100xf32>, %b: tensor<1x?x100xf32>) -> tensor<1x?x100xf32> attributes {transformer.entry} {
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x8xf32>, tensor<1x?xi64>
  %0 = transformer.linear %x, %w : tensor<1x?x8xf32>, tensor<8x100xf32>
  %1 = transformer.binary add %0, %b : tensor<1x?x100xf32>, tensor<1x?x100xf32>
  return %1 : tensor<1x?x100xf32>
}

// -----

// Already of one token, without a sequence.
// expected-error@+1 {{no output is scores of a vocabulary for each token}}
func.func @rank(%ids: tensor<?xi64>, %table: tensor<100x8xf32>, %w: tensor<8x100xf32>) -> tensor<?x100xf32> attributes {transformer.entry} {
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x8xf32>, tensor<?xi64>
  %0 = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x100xf32>
  return %0 : tensor<?x100xf32>
}
