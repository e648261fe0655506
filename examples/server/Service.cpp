//===- Service.cpp - a pool of workers, a context each --------------------===//
//
// A request is a line of token numbers, its answer a line: "ok" and the numbers
// of the output pooler_output, or "error" and the reason.
//
//===----------------------------------------------------------------------===//

#include "Service.h"
#include <algorithm>
#include <cstdio>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

static constexpr size_t longestRequest = 1 << 16;

transom::Result<std::unique_ptr<Service>> Service::start(const transom::Model &model, unsigned count) {
  if (!model.findInput("input_ids") || !model.findOutput("pooler_output"))
    return transom::Error{TRANSOM_ERROR_SIGNATURE, "the model has no input input_ids or no output pooler_output"};
  std::unique_ptr<Service> service(new Service(model));
  transom::ContextOptions options;
  options.threads = 1;
  for (unsigned i = 0; i < count; ++i) {
    auto context = model.createContext(options);
    if (!context)
      return context.error();
    service->contexts.push_back(std::move(*context));
  }
  for (transom::Context &context : service->contexts)
    service->workers.emplace_back([pointer = service.get(), &context] { pointer->work(context); });
  return service;
}

Service::~Service() {
  stop();
  for (std::thread &worker : workers)
    worker.join();
}

void Service::stop() {
  std::lock_guard lock(mutex);
  stopping = true;
  // No further request is read; the answer in progress is still sent.
  for (int connection : open)
    shutdown(connection, SHUT_RD);
  changed.notify_all();
}

void Service::take(int connection) {
  std::lock_guard lock(mutex);
  waiting.push_back(connection);
  changed.notify_one();
}

void Service::work(transom::Context &context) {
  for (;;) {
    int connection;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return stopping || !waiting.empty(); });
      if (waiting.empty())
        return;
      connection = waiting.front();
      waiting.pop_front();
      open.push_back(connection);
      if (stopping)
        shutdown(connection, SHUT_RD);
    }
    serve(connection, context);
    std::lock_guard lock(mutex);
    std::erase(open, connection);
    close(connection);
  }
}

static bool sendAll(int connection, const std::string &text) {
  for (size_t sent = 0; sent < text.size();) {
    ssize_t count = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

void Service::serve(int connection, transom::Context &context) {
  std::string received;
  char buffer[4096];
  for (;;) {
    size_t end = received.find('\n');
    if (end != std::string::npos) {
      if (!sendAll(connection, answer(received.substr(0, end), context) + "\n"))
        return;
      received.erase(0, end + 1);
      continue;
    }
    if (received.size() > longestRequest) {
      sendAll(connection, "error the request is too long\n");
      return;
    }
    ssize_t count = recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0)
      return;
    received.append(buffer, static_cast<size_t>(count));
  }
}

std::string Service::answer(const std::string &request, transom::Context &context) const {
  std::istringstream words(request);
  std::vector<int64_t> ids;
  for (int64_t id; words >> id;)
    ids.push_back(id);
  if (!words.eof() || ids.empty())
    return "error a line of token numbers is expected";
  std::vector<int64_t> ones(ids.size(), 1), zeros(ids.size(), 0);
  int64_t length = static_cast<int64_t>(ids.size());
  std::vector<TransomTensor> inputs, outputs(model.outputs().size());
  for (const TransomValueDesc &value : model.inputs()) {
    std::string name = value.name;
    inputs.push_back(transom::input(name == "input_ids" ? ids : name == "attention_mask" ? ones : zeros, {1, length}));
  }
  if (auto done = context.run(inputs, outputs); !done)
    return "error " + done.error().message;
  auto values = transom::values<const float>(outputs[*model.findOutput("pooler_output")]);
  if (!values)
    return "error " + values.error().message;
  std::string text = "ok";
  char number[32];
  for (float value : *values) {
    std::snprintf(number, sizeof number, " %.9g", static_cast<double>(value));
    text += number;
  }
  return text;
}
