package dev.darkroom.worker.sampling;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The schedulers that are built, by the name that a job uses and by the reference's class.
public final class Schedulers {
    /// The classes whose configurations can be read for one another (`_compatibles` in the
    /// reference): they are for models trained on the discrete timesteps of a [NoiseSchedule].
    private static final Set<String> INTERCHANGEABLE =
            Set.of(
                    DdpmScheduler.CLASS_NAME,
                    DdimScheduler.CLASS_NAME,
                    PndmScheduler.CLASS_NAME,
                    EulerScheduler.CLASS_NAME,
                    EulerAncestralScheduler.CLASS_NAME,
                    DpmSolverMultistepScheduler.CLASS_NAME,
                    "LMSDiscreteScheduler",
                    "HeunDiscreteScheduler",
                    "KDPM2DiscreteScheduler",
                    "KDPM2AncestralDiscreteScheduler",
                    "DPMSolverSinglestepScheduler",
                    "DEISMultistepScheduler",
                    "UniPCMultistepScheduler",
                    "DPMSolverSDEScheduler",
                    "LCMScheduler",
                    "TCDScheduler");

    private static final String PREDICTION = "prediction_type";
    private static final String CLASS = "_class_name";

    /// A name that a job may use.
    private enum Name {
        DDPM,
        DDIM,
        PNDM,
        EULER,
        EULER_KARRAS,
        EULER_ANCESTRAL,
        DPMPP_2M,
        DPMPP_2M_KARRAS;

        private String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private Schedulers() {}

    /// The names that [#named] takes, in alphabetical order.
    public static List<String> names() {
        return Arrays.stream(Name.values()).map(Name::text).sorted().toList();
    }

    /// The names that [#named] takes for a model with this configuration, in alphabetical order.
    public static List<String> namesFor(SchedulerConfig folder) {
        return Arrays.stream(Name.values())
                .filter(name -> fits(name, folder))
                .map(Name::text)
                .sorted()
                .toList();
    }

    private static boolean fits(Name name, SchedulerConfig folder) {
        try {
            build(name, folder);
            return true;
        } catch (UnsupportedSchedulerException e) {
            return false;
        }
    }

    /// The scheduler that a job names, built from the configuration of the model's folder: a field
    /// that the folder does not give takes the default of the class that is built.
    ///
    /// @throws UnsupportedSchedulerException when there is no such name, the model is not for it,
    ///   or it cannot honour the configuration
    public static Scheduler named(String name, SchedulerConfig folder) {
        Name known = find(name);
        try {
            return build(known, folder);
        } catch (UnsupportedSchedulerException e) {
            throw e.field().equals(PREDICTION) ? e.withAlternatives(namesFor(folder)) : e;
        }
    }

    private static Name find(String name) {
        for (Name candidate : Name.values()) {
            if (candidate.text().equals(name)) {
                return candidate;
            }
        }
        throw new UnsupportedSchedulerException(
                "this worker", "scheduler", "'" + name + "'", names());
    }

    private static Scheduler build(Name name, SchedulerConfig folder) {
        String trainedFor = folder.className().orElse(DdpmScheduler.CLASS_NAME);
        if (!INTERCHANGEABLE.contains(trainedFor)) {
            throw new UnsupportedSchedulerException(
                    name.text(), CLASS, trainedFor, INTERCHANGEABLE.stream().sorted().toList());
        }
        return switch (name) {
            case DDPM -> new DdpmScheduler(folder);
            case DDIM -> new DdimScheduler(folder);
            case PNDM -> new PndmScheduler(folder);
            case EULER -> new EulerScheduler(folder);
            case EULER_KARRAS -> new EulerScheduler(folder.with("use_karras_sigmas", true));
            case EULER_ANCESTRAL -> new EulerAncestralScheduler(folder);
            case DPMPP_2M -> new DpmSolverMultistepScheduler(folder);
            case DPMPP_2M_KARRAS ->
                    new DpmSolverMultistepScheduler(folder.with("use_karras_sigmas", true));
        };
    }

    /// The scheduler that the folder itself names in `_class_name`: the default of its model.
    ///
    /// @throws UnsupportedSchedulerException when it names none, none that is built, or one that
    ///   cannot honour the configuration
    public static Scheduler ofFolder(SchedulerConfig folder) {
        return build(nameOfFolder(folder), folder);
    }

    /// The name in a job of the scheduler that [#ofFolder] builds: built by that name, it is the
    /// same.
    ///
    /// @throws UnsupportedSchedulerException when the folder names none, or none that is built
    public static String nameOf(SchedulerConfig folder) {
        return nameOfFolder(folder).text();
    }

    private static Name nameOfFolder(SchedulerConfig folder) {
        boolean karras = Boolean.TRUE.equals(folder.fields().get("use_karras_sigmas"));
        String className = folder.className().orElse("(absent)");
        return switch (className) {
            case DdpmScheduler.CLASS_NAME -> Name.DDPM;
            case DdimScheduler.CLASS_NAME -> Name.DDIM;
            case PndmScheduler.CLASS_NAME -> Name.PNDM;
            case EulerScheduler.CLASS_NAME -> karras ? Name.EULER_KARRAS : Name.EULER;
            case EulerAncestralScheduler.CLASS_NAME -> Name.EULER_ANCESTRAL;
            case DpmSolverMultistepScheduler.CLASS_NAME ->
                    karras ? Name.DPMPP_2M_KARRAS : Name.DPMPP_2M;
            default ->
                    throw new UnsupportedSchedulerException(
                            "scheduler_config.json",
                            CLASS,
                            className,
                            List.of(
                                    DdpmScheduler.CLASS_NAME,
                                    DdimScheduler.CLASS_NAME,
                                    PndmScheduler.CLASS_NAME,
                                    EulerScheduler.CLASS_NAME,
                                    EulerAncestralScheduler.CLASS_NAME,
                                    DpmSolverMultistepScheduler.CLASS_NAME));
        };
    }
}
