//===- DeviceRequest.cpp - where a context is asked to run ----------------===//
#include "DeviceRuntime.h"

#include <string.h>

namespace transom::runtime {

TransomStatus readDevice(const TransomProgram &program, const char *text, DeviceRequest &request,
                         const Message &message) {
  request = {DeviceRequest::CPU, 0};
  if (!text) {
    request.kind = program.run ? DeviceRequest::CPU : DeviceRequest::GPU;
    return TRANSOM_OK;
  }
  if (strcmp(text, "cpu") == 0) {
    if (program.run)
      return TRANSOM_OK;
    return message.fail(TRANSOM_ERROR_DEVICE, "model \"%s\" has no code for CPUs, only for %s", program.name,
                        program.device_chips);
  }
  if (strcmp(text, "auto") == 0) {
    if (program.num_devices)
      request.kind = DeviceRequest::Automatic;
    return TRANSOM_OK;
  }
  if (strncmp(text, "cuda", 4) == 0) {
    const char *digit = text[4] == ':' ? text + 5 : nullptr;
    bool valid = !text[4] || (digit && *digit);
    for (; valid && digit && *digit; ++digit) {
      valid = *digit >= '0' && *digit <= '9' && request.ordinal < 1000;
      request.ordinal = request.ordinal * 10 + (*digit - '0');
    }
    if (valid) {
      request.kind = DeviceRequest::GPU;
      if (program.num_devices)
        return TRANSOM_OK;
      return message.fail(TRANSOM_ERROR_DEVICE, "model \"%s\" has no code for GPUs: it was compiled for cpu alone",
                          program.name);
    }
  }
  return message.fail(TRANSOM_ERROR_ARGUMENT, "device \"%.64s\" is none of cpu, cuda, cuda:N, auto", text);
}

} // namespace transom::runtime
