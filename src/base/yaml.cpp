// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

namespace metactl::yaml {
namespace {

/// What makes the rest of a text unreadable.
struct Unreadable : Problem {};

class Parser {
 public:
  explicit Parser(std::string_view text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    yaml_parser_set_input_string(&parser_, bytes, text.size());
  }
  ~Parser() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// The next event, until the one after it is asked for.
  const yaml_event_t& next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) == 0) throw failure();
    return event_;
  }

 private:
  Unreadable failure() const {
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    const std::string problem = parser_.problem ? parser_.problem : "unknown";
    if (parser_.error == YAML_READER_ERROR)
      return {{parser_.mark.line + 1, 0, "not a text in UTF-8: " + problem}};
    const auto& mark = parser_.problem_mark;
    const auto context = parser_.context ? fmt::format(" ({})", parser_.context) : "";
    return {
        {mark.line + 1, mark.column + 1, fmt::format("malformed YAML: {}{}", problem, context)}};
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

/// A list or map whose end is not read yet.
struct Open {
  Node* node;
  std::string anchor;
  const Node* name = nullptr;  // Of a map: the name whose value comes next.
  const Node* merge = nullptr;
  std::unordered_map<std::string_view, const Node*> names;  // Of a map with many members.
};

class Builder {
 public:
  explicit Builder(const OnProblem& on_problem) : on_problem_(on_problem) {}

  void read(std::string_view text) {
    Parser parser(text);
    for (;;) {
      const auto& event = parser.next();
      if (event.type == YAML_STREAM_END_EVENT) return;
      take(event);
    }
  }

  Documents& documents() { return documents_; }

 private:
  static constexpr std::size_t few = 16;

  void take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        break;
      case YAML_SCALAR_EVENT:
        return take_scalar(event);
      case YAML_ALIAS_EVENT:
        return take_alias(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(event, Node::Kind::list, event.data.sequence_start.anchor,
                    event.data.sequence_start.tag);
      case YAML_MAPPING_START_EVENT:
        return open(event, Node::Kind::map, event.data.mapping_start.anchor,
                    event.data.mapping_start.tag);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        break;
    }
  }

  static std::string text_of(const yaml_char_t* text) {
    return text ? reinterpret_cast<const char*>(text) : "";
  }

  void take_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    auto& node = make(event, Node::Kind::scalar);
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (scalar.tag) check_tag(event, scalar.tag);
    if (text_of(scalar.tag) == YAML_STR_TAG) node.quoted = true;
    if (scalar.anchor) anchors_[text_of(scalar.anchor)] = &node;
    add(node);
  }

  void take_alias(const yaml_event_t& event) {
    const auto name = text_of(event.data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) refuse(event, fmt::format("no anchor '&{}' in front", name));
    count(found->second->size, event.start_mark);
    if (open_.size() + found->second->height > max_depth) refuse_depth(event);
    add(*found->second);
  }

  void open(const yaml_event_t& event, Node::Kind kind, const yaml_char_t* anchor,
            const yaml_char_t* tag) {
    if (open_.size() >= max_depth) refuse_depth(event);
    if (tag) check_tag(event, tag);
    open_.push_back({&make(event, kind), text_of(anchor), nullptr, nullptr, {}});
  }

  void close() {
    if (open_.back().merge) merge(*open_.back().merge);
    auto& node = *open_.back().node;
    const auto include = [&](const Node& part) {
      node.size += part.size;
      node.height =
          std::max<std::uint16_t>(node.height, static_cast<std::uint16_t>(part.height + 1));
    };
    for (const auto* item : node.items) include(*item);
    for (const auto& [name, value] : node.members) {
      ++node.size;
      include(*value);
    }
    if (!open_.back().anchor.empty()) anchors_[open_.back().anchor] = &node;
    open_.pop_back();
    add(node);
  }

  /// Puts a finished node where it belongs.
  void add(const Node& node) {
    if (open_.empty()) return documents_.roots.push_back(&node);
    auto& parent = open_.back();
    if (parent.node->is_list()) return parent.node->items.push_back(&node);
    if (!parent.name) {
      if (!node.is_scalar()) refuse(node, "names in a map must be texts");
      parent.name = &node;
      return;
    }
    const auto* name = std::exchange(parent.name, nullptr);
    const bool is_merge = name->text == "<<" && !name->quoted;
    const auto* first = is_merge ? parent.merge : find(parent, name->text);
    if (first)
      return on_problem_({name->line, name->column,
                          fmt::format("'{}' stands twice in one map, first at {}:{}", name->text,
                                      first->line, first->column)});
    if (is_merge) {
      parent.merge = &node;
    } else {
      add_member(parent, *name, node);
    }
  }

  /// The name in an open map; nullptr when there is none.
  const Node* find(Open& map, std::string_view name) {
    if (map.node->members.size() <= few) {
      for (const auto& member : map.node->members)
        if (member.name->text == name) return member.name;
      return nullptr;
    }
    if (map.names.empty())
      for (const auto& member : map.node->members) map.names[member.name->text] = member.name;
    const auto found = map.names.find(name);
    return found == map.names.end() ? nullptr : found->second;
  }

  void add_member(Open& map, const Node& name, const Node& value) {
    map.node->members.push_back({&name, &value});
    if (!map.names.empty()) map.names[name.text] = &name;
  }

  /// What stands behind << in the map that ends: a map, or a list of maps, the first of which wins.
  void merge(const Node& from) {
    std::vector<const Node*> maps = from.items;
    if (from.is_map()) maps = {&from};
    if (from.is_scalar() ||
        std::any_of(maps.begin(), maps.end(), [](const Node* each) { return !each->is_map(); }))
      return on_problem_({from.line, from.column, "'<<' needs a map or a list of maps"});
    auto& map = open_.back();
    for (const auto* each : maps) {
      for (const auto& [name, value] : each->members) {
        count(1, {0, map.node->line - 1, map.node->column - 1});
        if (find(map, name->text)) continue;
        count(value->size, {0, map.node->line - 1, map.node->column - 1});
        add_member(map, *name, *value);
      }
    }
  }

  Node& make(const yaml_event_t& event, Node::Kind kind) {
    count(1, event.start_mark);
    auto& node = documents_.nodes.emplace_back();
    node.kind = kind;
    node.line = static_cast<std::uint32_t>(event.start_mark.line + 1);
    node.column = static_cast<std::uint32_t>(event.start_mark.column + 1);
    return node;
  }

  void count(std::size_t more, const yaml_mark_t& mark) {
    count_ += more;
    if (count_ > max_nodes)
      throw Unreadable{{mark.line + 1, mark.column + 1,
                        fmt::format("more than {} values when aliases are resolved", max_nodes)}};
  }

  /// Tags of others would mean something that we do not know.
  static void check_tag(const yaml_event_t& event, const yaml_char_t* tag) {
    const auto text = text_of(tag);
    if (text != "!" && !text.starts_with("tag:yaml.org,2002:"))
      refuse(event, fmt::format("tag '{}' is not supported", text));
  }

  [[noreturn]] static void refuse(const yaml_event_t& event, const std::string& text) {
    throw Unreadable{{event.start_mark.line + 1, event.start_mark.column + 1, text}};
  }
  [[noreturn]] static void refuse(const Node& node, const std::string& text) {
    throw Unreadable{{node.line, node.column, text}};
  }
  [[noreturn]] static void refuse_depth(const yaml_event_t& event) {
    refuse(event, fmt::format("more than {} levels", max_depth));
  }

  const OnProblem& on_problem_;
  Documents documents_;
  std::vector<Open> open_;
  std::map<std::string, const Node*, std::less<>> anchors_;
  std::size_t count_ = 0;
};

}  // namespace

bool Node::is_null() const {
  return is_scalar() && !quoted &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

const Node* Node::find(std::string_view name) const {
  for (const auto& member : members)
    if (member.name->text == name) return member.value;
  return nullptr;
}

Documents parse(std::string_view text, const OnProblem& on_problem) {
  Builder builder(on_problem);
  try {
    if (text.size() > max_size) throw Unreadable{{0, 0, "more than 16 MiB"}};
    builder.read(text);
  } catch (const Unreadable& failure) {
    on_problem(failure);
  }
  return std::move(builder.documents());
}

}  // namespace metactl::yaml
