package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.ModelFolder;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a model can do with the pictures that a job brings.
///
/// @param task that the pictures make of the job
/// @param rules of the family for it; those for text to image where it is refused
record GuideTerms(Task task, Rules rules) {
    private static final String INIT = "init";
    private static final String MASK = "mask";
    private static final String CONTROL = "control";

    /// Checks which pictures there are; not what is in them.
    static GuideTerms of(ImageSpec job, Blueprint model, Family family, Terms terms) {
        Guides guides = job.guides();
        Task task = Task.of(guides);
        ModelFolder folder = model.folder();
        // Without any ControlNet in the folder, that is what is said of them, and nothing else.
        boolean controlled = !guides.control().isEmpty() && !folder.controlNets().isEmpty();
        if (guides.init() != null && !folder.has("vae_encoder")) {
            terms.unsupported(
                    INIT, guides.init().shown(), "absent: " + model.name() + " has no vae_encoder");
        }
        if (folder.inpaintsOnly() && task != Task.INPAINTING) {
            terms.unsupported(
                    MASK, "", "an init picture and a mask: " + model.name() + " inpaints");
        }
        control(guides, model, terms);
        Optional<Rules> rules = family.rules(task, controlled);
        if (rules.isEmpty()) {
            String pipeline = folder.pipeline().wireName();
            if (controlled) {
                terms.unsupported(
                        CONTROL,
                        items(guides),
                        "absent: " + pipeline + " takes no ControlNets for " + task);
            } else {
                String legal = legal(family) + ", which is what " + pipeline + " does";
                terms.unsupported(
                        task == Task.INPAINTING ? MASK : INIT,
                        shown(task == Task.INPAINTING ? guides.mask() : guides.init()),
                        family.obstacle(task).map(why -> "absent: " + why).orElse(legal));
            }
        }
        return new GuideTerms(
                task,
                rules.or(() -> family.rules(Task.TEXT_TO_IMAGE, false))
                        .or(() -> family.rules(Task.IMAGE_TO_IMAGE, false))
                        .orElseThrow());
    }

    private static String shown(@Nullable InputUri picture) {
        return picture == null ? "" : picture.shown();
    }

    /// How many control pictures there are, in words.
    static String items(Guides guides) {
        int items = guides.control().size();
        return items == 1 ? "1 item" : items + " items";
    }

    private static String legal(Family family) {
        List<String> tasks =
                List.of(Task.values()).stream()
                        .filter(task -> family.rules(task, false).isPresent())
                        .map(Task::toString)
                        .toList();
        return "the pictures of " + String.join(" or ", tasks);
    }

    private static void control(Guides guides, Blueprint model, Terms terms) {
        List<String> names = model.folder().controlNets();
        if (names.isEmpty()) {
            if (!guides.control().isEmpty()) {
                terms.unsupported(
                        CONTROL, items(guides), "absent: " + model.name() + " has no ControlNet");
            }
            return;
        }
        if (guides.control().isEmpty()) {
            terms.unsupported(CONTROL, "", "at least one of " + String.join(", ", names));
        }
        if (model.folder().inpaintsOnly()) {
            terms.unsupported(
                    CONTROL,
                    items(guides),
                    "absent: ControlNets beside an inpainting denoiser are not built");
        }
        for (int i = 0; i < guides.control().size(); i++) {
            Control control = guides.control().get(i);
            if (!names.contains(control.model())) {
                terms.unsupported(
                        CONTROL + "[" + i + "].model", control.model(), String.join(", ", names));
            }
        }
    }
}
