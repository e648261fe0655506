//===- Service.h - a pool of workers, a context each ------------*- C++ -*-===//
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <transom/transom.hpp>

/// Answers requests on connections that are handed to it. Each worker thread
/// has a context of one thread, so workers never wait for one another.
class Service {
public:
  static transom::Result<std::unique_ptr<Service>> start(const transom::Model &model, unsigned workers);
  /// Answers what is in the queue, then ends.
  ~Service();

  void take(int connection);
  /// Closes connections after the request that they are at.
  void stop();

private:
  explicit Service(const transom::Model &model) : model(model) {}
  void work(transom::Context &context);
  void serve(int connection, transom::Context &context);
  std::string answer(const std::string &request, transom::Context &context) const;

  const transom::Model &model;
  std::vector<transom::Context> contexts;
  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<int> waiting;
  std::vector<int> open;
  bool stopping = false;
};

#endif // SERVER_SERVICE_H
