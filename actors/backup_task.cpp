//  DATABASE ── backup, target ──▶ BACKUP ── position of the copy ──▶ whoever asked

#include "actors/backup_task.hpp"

#include "actors/caf_errors.hpp"
#include "storage/backup.hpp"

namespace lodge {

backup_actor::behavior_type backup_task(backup_actor::pointer self, std::string path) {
  return {
    [=](backup_atom, const std::string& target) -> caf::result<position> {
      self->quit();
      return answer(storage::back_up(path, target));
    },
  };
}

} // namespace lodge
