//===- ReportJson.h - parts of reports as JSON ------------------*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_REPORTJSON_H
#define TRANSOM_LIB_DRIVER_REPORTJSON_H

#include "transom/Driver/Report.h"
#include "llvm/Support/JSON.h"

namespace transom {

/// The attribute "nodes" of the open object.
void writeNodes(llvm::json::OStream &out, llvm::ArrayRef<ModelNode> nodes);
/// The attributes "fused", "fusions", "near_misses", "unfused" of the open object.
void writeFusions(llvm::json::OStream &out, const FusionReport &report);

/// The attribute "key_value_heads" of the open object, where there is something to say.
void writeHeads(llvm::json::OStream &out, const HeadsReport &report);
/// The same as text.
std::string headsText(const HeadsReport &report);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_REPORTJSON_H
