#include "actors/caf_errors.hpp"

#include "actors/messages.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

namespace lodge {

void register_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::lodge>();
  config.add_error_category(caf::atom("lodge"), [](std::uint8_t code, caf::atom_value, const caf::message& context) {
    const auto name = to_string(static_cast<errc>(code));
    return context.match_elements<std::string>() ? name + ": " + context.get_as<std::string>(0) : name;
  });
}

caf::error to_caf(const error& failure) { return caf::make_error(failure.code, failure.detail); }

error from_caf(const caf::error& failure) {
  if (failure.category() == caf::atom("lodge")) {
    const auto& context = failure.context();
    return {static_cast<errc>(failure.code()),
            context.match_elements<std::string>() ? context.get_as<std::string>(0) : std::string{}};
  }
  if (failure == caf::sec::request_timeout)
    return {errc::deadline_exceeded, "no answer within the time"};
  if (failure == caf::sec::request_receiver_down)
    return {errc::unavailable, "the part that was asked has ended"};
  return {errc::internal, "CAF: " + caf::to_string(failure)};
}

} // namespace lodge
