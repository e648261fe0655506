//===- server.cpp - a model behind a socket -------------------------------===//
//
//   server [PORT [WORKERS]]
//
// Listens on 127.0.0.1; port 0 takes a free one, which is printed. Ends on
// SIGINT or SIGTERM after the answers that are in progress.
//
//===----------------------------------------------------------------------===//

#include "Service.h"
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

extern "C" const TransomLibrary *MODEL_LIBRARY(void);

static int complain(const char *what) {
  std::fprintf(stderr, "server: %s\n", what);
  return 1;
}

/// The socket, and the port that it got.
static int listenAt(uint16_t &port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr *>(&address), size) != 0 || listen(listener, 128) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr *>(&address), &size) != 0)
    return -1;
  port = ntohs(address.sin_port);
  return listener;
}

int main(int argc, char **argv) {
  uint16_t port = argc > 1 ? static_cast<uint16_t>(std::atoi(argv[1])) : 0;
  unsigned workers = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 4;
  if (workers < 1 || workers > 256)
    return complain("usage: server [PORT [WORKERS]], with 1 to 256 workers");
  // Before any thread starts, so that all leave them to the descriptor.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  int ended = signalfd(-1, &signals, SFD_CLOEXEC);

  auto model = transom::Model::open(MODEL_LIBRARY());
  if (!model)
    return complain(model.error().message.c_str());
  auto service = Service::start(*model, workers);
  if (!service)
    return complain(service.error().message.c_str());
  int listener = listenAt(port);
  if (listener < 0)
    return complain("cannot listen on that port");
  std::printf("listening on 127.0.0.1:%u with %u workers\n", port, workers);
  std::fflush(stdout);
  for (;;) {
    pollfd waiting[] = {{listener, POLLIN, 0}, {ended, POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0 || waiting[1].revents)
      break;
    int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0)
      (*service)->take(connection);
  }
  close(listener);
  return 0;
}
