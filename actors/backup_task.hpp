#pragma once

#include <lodge/interfaces.hpp>

#include <caf/typed_event_based_actor.hpp>

#include <string>

namespace lodge {

/// One backup: copies the file, answers, ends.
using backup_actor = caf::typed_actor<caf::replies_to<backup_atom, std::string>::with<position>>;

backup_actor::behavior_type backup_task(backup_actor::pointer self, std::string path);

} // namespace lodge
