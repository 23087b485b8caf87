// SPDX-License-Identifier: Apache-2.0
// metactl qluster events, rpc: what happens in a cluster.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "api/foreign_json.h"
#include "api/operations.h"
#include "api/qluster_json.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/interruption.h"
#include "commands/commands.h"
#include "commands/qluster_ask.h"
#include "commands/qluster_cutter.h"
#include "commands/qluster_lookup.h"
#include "commands/qluster_present.h"

namespace metactl::commands {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct FeedOptions : AskOptions {
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> limit;
  std::string time;
  bool follow = false;
};

/// How far a feed goes.
class Limits {
 public:
  Limits(cli::Session& session, const FeedOptions& options)
      : session_(session), follow_(options.follow), rows_(options.limit) {
    if (rows_ && *rows_ < 1)
      throw Error(Reason::usage, fmt::format("not a number of lines: '{}'", *rows_));
    if (!options.time.empty()) time_ = cli::parse_duration(options.time);
  }

  bool is_full(std::size_t rows) const { return rows_ && rows >= static_cast<std::size_t>(*rows_); }
  bool is_interrupted() const { return interruption_.came(); }
  bool is_over() const { return time_ && passed() >= *time_; }

  /// For one reply: 0 is no limit. A feed that is not followed ends as other replies do.
  milliseconds left() const {
    if (time_) return std::max(milliseconds(1), *time_ - passed());
    return follow_ ? milliseconds(0) : session_.connection().timeout;
  }

  /// Waits for the next look.
  void pause() {
    constexpr milliseconds interval{1000};
    constexpr milliseconds slice{100};
    for (milliseconds slept{0}; slept < interval && !is_interrupted() && !is_over();
         slept += slice) {
      cli::sleep_for(session_.io(), slice);
      slept_ += slice;
    }
  }

 private:
  milliseconds passed() const {
    return std::max(slept_, std::chrono::duration_cast<milliseconds>(Clock::now() - start_));
  }

  cli::Session& session_;
  bool follow_;
  std::optional<std::int64_t> rows_;
  std::optional<milliseconds> time_;
  Clock::time_point start_ = Clock::now();
  milliseconds slept_{0};
  const cli::Interruption interruption_;
};

/// Prints rows: when all are there, or as they come.
class Printer {
 public:
  Printer(cli::Session& session, bool follow, render::List empty)
      : session_(session), follow_(follow), list_(std::move(empty)), style_(session.style()) {
    const auto format = style_.format;
    if (follow && (format == render::Format::json || format == render::Format::yaml))
      throw Error(Reason::usage, "--follow has no end, which this format needs",
                  "-o ndjson, csv, table or name");
  }

  std::size_t count() const { return count_; }

  void add(render::Row row) {
    list_.rows.push_back(std::move(row));
    ++count_;
  }

  /// Prints what has come, where it is followed.
  void flush() {
    if (follow_ && (!list_.rows.empty() || !has_printed_)) print();
  }

  void finish() {
    if (!follow_ || !list_.rows.empty()) print();
  }

 private:
  void print() {
    render::print(session_.io().out, list_, style_);
    session_.io().out << std::flush;
    if (!session_.io().out)
      throw Error(Reason::internal, "cannot write the result to standard output");
    has_printed_ = true;
    style_.headers = false;
    list_.rows.clear();
  }

  cli::Session& session_;
  bool follow_;
  render::List list_;
  render::Style style_;
  std::size_t count_ = 0;
  bool has_printed_ = false;
};

/// What one feed is made of.
struct FeedKind {
  const api::OperationInfo& operation;
  render::List (*empty)();
  render::Row (*row)(const std::string& part);
};

using Hashes = std::vector<std::size_t>;

/// How many parts of a reply the one before had, too: a feed forgets its oldest parts.
std::size_t count_known(const Hashes& before, const Hashes& now) {
  for (auto first = before.begin(); first != before.end(); ++first) {
    const auto count = before.end() - first;
    if (count <= std::ssize(now) && std::equal(first, before.end(), now.begin()))
      return static_cast<std::size_t>(count);
  }
  return 0;
}

/// Reads a feed, again and again where it is followed and has an end, or its server is away.
class Follower {
 public:
  Follower(cli::Session& session, const FeedOptions& options, const FeedKind& kind)
      : session_(session),
        options_(options),
        kind_(kind),
        limits_(session, options),
        printer_(session, options.follow, kind.empty()) {}

  void run() {
    Asking asking(session_, options_);
    for (;; limits_.pause()) {
      if (limits_.is_interrupted() || limits_.is_over()) break;
      const auto end = try_look(asking);
      printer_.flush();
      if (!end) continue;
      if (end == End::timed_out && options_.time.empty())
        session_.note("note: the feed has no end; --follow, --limit and --for say how far to read");
      if (!options_.follow || end != End::ended) break;
    }
    printer_.finish();
  }

 private:
  using End = client::Client::StreamEnd;

  /// Nothing while the server, which has answered before, is away.
  std::optional<End> try_look(Asking& asking) {
    std::optional<End> end;
    try {
      asking.ask([&](const auto& asked) { end = look(asked); });
      note_answer();
    } catch (const Error& error) {
      const bool is_away = error.reason() == Reason::unreachable && !error.answer();
      if (!options_.follow || !was_there_ || !is_away) throw;
      if (!std::exchange(is_away_, true))
        session_.note(fmt::format("note: {}; it is asked again each second", error.what()));
    }
    return end;
  }

  void note_answer() {
    was_there_ = true;
    is_away_ = false;
  }

  /// One reply. Where none came whole before it, its parts are printed as they come.
  End look(const pb::QlusterAskedPB& asked) {
    Hashes seen;
    std::vector<std::string> parts;  // That may be known already.
    const bool prints_at_once = seen_.empty() || is_torn_;
    FeedCutter cutter([&](const std::string& part) {
      seen.push_back(std::hash<std::string>()(part));
      if (!prints_at_once)
        parts.push_back(part);
      else if (std::find(seen_.begin(), seen_.end(), seen.back()) == seen_.end())
        print(part);
    });
    try {
      const auto end = read(asked, cutter);
      cutter.finish();
      for (auto i = count_known(seen_, seen); i < parts.size(); ++i) print(parts[i]);
      if (!seen.empty()) seen_.swap(seen);
      is_torn_ = false;
      return limits_.is_full(printer_.count()) ? End::stopped : end;
    } catch (const Error&) {
      if (prints_at_once && !seen.empty()) {
        is_torn_ = true;
        seen_.insert(seen_.end(), seen.begin(), seen.end());
      }
      throw;
    }
  }

  End read(const pb::QlusterAskedPB& asked, FeedCutter& cutter) {
    auto request = request_to<pb::QlusterFeedRequest>(asked);
    if (options_.since) request.set_since(static_cast<std::uint64_t>(*options_.since));
    return session_.client().stream(
        *api::find_operation(kind_.operation.name), request,
        [&](std::string_view bytes) {
          if (!bytes.empty()) note_answer();
          cutter.add(bytes);
          printer_.flush();
          return !limits_.is_full(printer_.count()) && !limits_.is_interrupted();
        },
        limits_.left());
  }

  void print(const std::string& part) {
    if (!limits_.is_full(printer_.count())) printer_.add(kind_.row(part));
  }

  cli::Session& session_;
  const FeedOptions& options_;
  const FeedKind& kind_;
  Limits limits_;
  Printer printer_;
  Hashes seen_;             // In the last reply.
  bool is_torn_ = false;    // That was not whole.
  bool was_there_ = false;  // The server answered once.
  bool is_away_ = false;    // Since then it does not, which was told.
};

void run(cli::Session& session, const FeedOptions& options, const FeedKind& kind) {
  if (options.since && *options.since < 0)
    throw Error(Reason::usage, fmt::format("--since is negative: '{}'", *options.since));
  if (session.style().format != render::Format::raw) return Follower(session, options, kind).run();
  Asking asking(session, options);
  const Limits limits(session, options);
  std::size_t lines = 0;
  asking.ask([&](const auto& asked) {
    auto request = request_to<pb::QlusterFeedRequest>(asked);
    if (options.since) request.set_since(static_cast<std::uint64_t>(*options.since));
    session.client().stream(
        *api::find_operation(kind.operation.name), request,
        [&](std::string_view bytes) {
          std::size_t end = 0;
          while (end < bytes.size() && !limits.is_full(lines))
            if (bytes[end++] == '\n') ++lines;
          session.io().out << bytes.substr(0, end) << std::flush;
          return session.io().out.good() && !limits.is_full(lines) && !limits.is_interrupted();
        },
        limits.left());
  });
}

// Events.

render::List no_events() {
  return event_list({});
}

/// An event, or whatever a real cluster tells.
render::Row event_row(const std::string& part) {
  pb::QlusterEventsResponse events;
  auto& event = *events.add_events();
  const auto json = nlohmann::json(api::parse_foreign_json(part));
  if (json.is_object()) {
    api::read_qluster_reply(json, event);
  } else {
    event.set_text(part);
  }
  return event_list(events).rows.front();
}

constexpr FeedKind event_feed{api::qluster_get_events.info, no_events, event_row};

void events(cli::Session& session, const FeedOptions& options) {
  run(session, options, event_feed);
}

// Events and messages: "<time> <EVENT|RPC> <text>".

render::List no_lines() {
  return {"QlusterRpc", {{"TIME"}, {"TYPE"}, {"TEXT"}}, {}};
}

render::Row line_row(const std::string& line) {
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  std::string time;
  std::string type;
  if (first != std::string::npos && second != std::string::npos) {
    type = line.substr(first + 1, second - first - 1);
    time = line.substr(0, first);
  }
  const bool is_known = type == "EVENT" || type == "RPC";
  if (!is_known) time = type = "";
  const auto text = is_known ? line.substr(second + 1) : line;
  return {time, {time, type, text}, [time, type, text] {
            return nlohmann::ordered_json{{"time", time}, {"type", type}, {"text", text}};
          }};
}

constexpr FeedKind rpc_feed{api::qluster_get_rpc.info, no_lines, line_row};

void rpc(cli::Session& session, const FeedOptions& options) {
  run(session, options, rpc_feed);
}

cli::Command<FeedOptions> with_limits(cli::Command<FeedOptions> command) {
  return with_asking(command
                         .flag("-f,--follow", &FeedOptions::follow,
                               "Go on until the limits or an interrupt end it, with exit status 0")
                         .option("-n,--limit", &FeedOptions::limit, "At most so many lines", "N")
                         .option("--for", &FeedOptions::time, "At most so long", "TIME"));
}

}  // namespace

void add_qluster_feed_commands(cli::Group& qluster) {
  with_limits(
      qluster.command<FeedOptions>("events", "List what happened in the cluster", events)
          .option("--since", &FeedOptions::since, "Only events with a larger number", "SEQ"))
      .details(
          "With --follow events are printed as they come; a feed that has an end is read again "
          "each\n"
          "second, and so is one whose server is away for a while. What a real cluster tells that "
          "is no such event stands in TEXT.")
      .example("metactl qluster events")
      .example("metactl qluster events --follow --for 10m -o ndjson")
      .runs(api::qluster_get_events);
  with_limits(qluster.command<FeedOptions>(
                  "rpc", "List what happened, with the messages between nodes", rpc))
      .example("metactl qluster rpc --where TYPE=RPC")
      .example("metactl qluster rpc --follow -n 100")
      .runs(api::qluster_get_rpc);
}

}  // namespace metactl::commands
