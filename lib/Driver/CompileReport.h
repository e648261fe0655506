//===- CompileReport.h - the compile report's formats -----------*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_COMPILEREPORT_H
#define TRANSOM_LIB_DRIVER_COMPILEREPORT_H

#include "transom/Driver/Report.h"

namespace transom {

/// One page without references to anything outside of it.
std::string htmlReport(const CompileReport &report, const Manifest &manifest);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_COMPILEREPORT_H
