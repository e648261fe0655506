//===- ModelMutator.h - changes of ONNX models that stay models -*- C++ -*-===//
#ifndef TRANSOM_TEST_FUZZ_MODELMUTATOR_H
#define TRANSOM_TEST_FUZZ_MODELMUTATOR_H

#include <onnx/onnx_pb.h>
#include <random>

namespace transom::fuzz {

/// Operators, attributes, inputs, types, shapes, values and opsets are changed, nodes added and removed: what stays
/// is a protobuf, and mostly a graph that the importer reads far into.
class ModelMutator {
public:
  ModelMutator(onnx::ModelProto &model, uint32_t seed) : model(model), random(seed) {}
  void mutate();
  /// Some nodes of another model, with what they read.
  void graft(const onnx::ModelProto &other);

private:
  size_t below(size_t limit) { return limit ? random() % limit : 0; }
  bool oneIn(size_t count) { return below(count) == 0; }
  template <typename Field> auto *anyOf(Field *field) {
    return field->empty() ? nullptr : field->Mutable(static_cast<int>(below(field->size())));
  }

  void chooseGraph();
  std::string anyName();
  int64_t anyNumber();
  int anyType();
  void setShape(onnx::TensorShapeProto &shape);
  void fill(onnx::TensorProto &tensor);

  void changeOperator();
  void addNode();
  void removeNode();
  void changeInputs();
  void changeAttribute();
  void fillAttribute(onnx::AttributeProto &attribute);
  void changeInput();
  void changeInitializer();
  void makeInitializer();
  void changeOutputs();
  void changeVersions();

  onnx::ModelProto &model;
  onnx::GraphProto *graph = nullptr; ///< one of the model's, maybe inside a node
  std::mt19937 random;
};

} // namespace transom::fuzz

#endif // TRANSOM_TEST_FUZZ_MODELMUTATOR_H
