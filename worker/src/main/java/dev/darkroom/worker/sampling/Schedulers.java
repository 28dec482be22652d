package dev.darkroom.worker.sampling;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// The schedulers, by the name that a job uses and by the reference's class.
public final class Schedulers {
    /// The classes whose configurations can be read for one another (`_compatibles` in the
    /// reference): they are for models trained on the discrete timesteps of a [NoiseSchedule].
    private static final Set<String> DISCRETE_CLASSES =
            Set.of(
                    DdpmScheduler.CLASS_NAME,
                    DdimScheduler.CLASS_NAME,
                    PndmScheduler.CLASS_NAME,
                    LmsScheduler.CLASS_NAME,
                    EulerScheduler.CLASS_NAME,
                    EulerAncestralScheduler.CLASS_NAME,
                    HeunScheduler.CLASS_NAME,
                    Dpm2Scheduler.CLASS_NAME,
                    Dpm2AncestralScheduler.CLASS_NAME,
                    DpmSolverMultistepScheduler.CLASS_NAME,
                    DpmSolverSinglestepScheduler.CLASS_NAME,
                    DeisScheduler.CLASS_NAME,
                    UniPcScheduler.CLASS_NAME,
                    LcmScheduler.CLASS_NAME,
                    TcdScheduler.CLASS_NAME,
                    "DPMSolverSDEScheduler");

    private static final Set<String> FLOW_CLASSES =
            Set.of(FlowEulerScheduler.CLASS_NAME, FlowHeunScheduler.CLASS_NAME);

    private static final Set<String> EDM_CLASSES =
            Set.of(EdmEulerScheduler.CLASS_NAME, EdmDpmSolverScheduler.CLASS_NAME);

    private static final String CLASS = "_class_name";
    private static final String KARRAS = "use_karras_sigmas";
    private static final String FLOW_SIGMAS = "use_flow_sigmas";
    private static final String ALGORITHM = "algorithm_type";
    private static final String SDE = "sde-dpmsolver++";

    /// What a model was trained for: schedulers for one are of no use to another.
    private enum Training {
        /// To undo the noise of discrete timesteps.
        DISCRETE("epsilon, sample or v_prediction at discrete timesteps"),
        /// To follow straight lines.
        FLOW("flow_prediction"),
        /// To be wrapped as Karras et al. 2022 do.
        EDM("epsilon or v_prediction with the preconditioning of EDM"),
        /// As [#EDM], with angles as timesteps.
        COSINE("v_prediction at angles");

        private final String text;

        Training(String text) {
            this.text = text;
        }
    }

    /// A name that a job may use.
    private enum Name {
        DDPM(Training.DISCRETE),
        DDIM(Training.DISCRETE),
        PNDM(Training.DISCRETE),
        LMS(Training.DISCRETE),
        LMS_KARRAS(Training.DISCRETE),
        EULER(Training.DISCRETE),
        EULER_KARRAS(Training.DISCRETE),
        EULER_ANCESTRAL(Training.DISCRETE),
        HEUN(Training.DISCRETE),
        DPM2(Training.DISCRETE),
        DPM2_ANCESTRAL(Training.DISCRETE),
        DPMPP_2M(Training.DISCRETE),
        DPMPP_2M_KARRAS(Training.DISCRETE),
        DPMPP_2M_SDE(Training.DISCRETE),
        DPMPP_2M_SDE_KARRAS(Training.DISCRETE),
        DPMPP_2S(Training.DISCRETE),
        DEIS(Training.DISCRETE),
        UNIPC(Training.DISCRETE),
        LCM(Training.DISCRETE),
        TCD(Training.DISCRETE),
        FLOW_EULER(Training.FLOW),
        FLOW_HEUN(Training.FLOW),
        FLOW_UNIPC(Training.FLOW),
        FLOW_DPMPP_2M(Training.FLOW),
        EDM_EULER(Training.EDM),
        EDM_DPMPP_2M(Training.EDM),
        COSINE_DPMPP_2M(Training.COSINE);

        private final Training training;

        Name(Training training) {
            this.training = training;
        }

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
            throw e.field().equals(Prediction.FIELD) ? e.withAlternatives(namesFor(folder)) : e;
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
        checkTraining(name, folder);
        return switch (name) {
            case DDPM -> new DdpmScheduler(folder);
            case DDIM -> new DdimScheduler(folder);
            case PNDM -> new PndmScheduler(folder);
            case LMS -> new LmsScheduler(folder);
            case LMS_KARRAS -> new LmsScheduler(folder.with(KARRAS, true));
            case EULER -> new EulerScheduler(folder);
            case EULER_KARRAS -> new EulerScheduler(folder.with(KARRAS, true));
            case EULER_ANCESTRAL -> new EulerAncestralScheduler(folder);
            case HEUN -> new HeunScheduler(folder);
            case DPM2 -> new Dpm2Scheduler(folder);
            case DPM2_ANCESTRAL -> new Dpm2AncestralScheduler(folder);
            case DPMPP_2M -> new DpmSolverMultistepScheduler(folder);
            case DPMPP_2M_KARRAS -> new DpmSolverMultistepScheduler(folder.with(KARRAS, true));
            case DPMPP_2M_SDE -> new DpmSolverMultistepScheduler(folder.with(ALGORITHM, SDE));
            case DPMPP_2M_SDE_KARRAS ->
                    new DpmSolverMultistepScheduler(folder.with(ALGORITHM, SDE).with(KARRAS, true));
            case DPMPP_2S -> new DpmSolverSinglestepScheduler(folder);
            case DEIS -> new DeisScheduler(folder);
            case UNIPC -> new UniPcScheduler(folder);
            case LCM -> new LcmScheduler(folder);
            case TCD -> new TcdScheduler(folder);
            case FLOW_EULER -> new FlowEulerScheduler(folder);
            case FLOW_HEUN -> new FlowHeunScheduler(folder);
            case FLOW_UNIPC -> new UniPcScheduler(flow(folder));
            case FLOW_DPMPP_2M -> new DpmSolverMultistepScheduler(flow(folder));
            case EDM_EULER -> new EdmEulerScheduler(folder);
            case EDM_DPMPP_2M -> new EdmDpmSolverScheduler(folder);
            case COSINE_DPMPP_2M -> new CosineDpmSolverScheduler(folder);
        };
    }

    private static SchedulerConfig flow(SchedulerConfig folder) {
        return folder.with(FLOW_SIGMAS, true).with(Prediction.FIELD, Prediction.FLOW.text());
    }

    /// Refuses a name for models trained otherwise than the folder's.
    private static void checkTraining(Name name, SchedulerConfig folder) {
        boolean predictsFlow = isFlow(folder);
        String className = folder.className().orElse("");
        Training training;
        if (FLOW_CLASSES.contains(className) || predictsFlow) {
            training = Training.FLOW;
        } else if (EDM_CLASSES.contains(className)) {
            training = Training.EDM;
        } else if (className.equals(CosineDpmSolverScheduler.CLASS_NAME)) {
            training = Training.COSINE;
        } else if (DISCRETE_CLASSES.contains(className)) {
            training = Training.DISCRETE;
        } else if (className.isEmpty()) {
            // A configuration that names no class is read as the job's scheduler reads it, unless
            // it says that the model predicts no flow.
            boolean otherwise =
                    name.training == Training.FLOW && folder.fields().containsKey(Prediction.FIELD);
            training = otherwise ? Training.DISCRETE : name.training;
        } else {
            throw new UnsupportedSchedulerException(name.text(), CLASS, className, classNames());
        }
        if (training != name.training && !(training == Training.FLOW && canFollow(name, folder))) {
            String folders = className.isEmpty() ? "" : " (the folder's is " + className + ")";
            throw new UnsupportedSchedulerException(
                    name.text(), Prediction.FIELD, training.text + folders, name.training.text);
        }
    }

    /// Whether a name for discrete timesteps is that of a solver that the folder tells to follow
    /// flows.
    private static boolean canFollow(Name name, SchedulerConfig folder) {
        boolean solver =
                switch (name) {
                    case DPMPP_2M, DPMPP_2M_SDE, DPMPP_2S, DEIS, UNIPC -> true;
                    case DDPM, DDIM, PNDM, LMS, LMS_KARRAS, EULER, EULER_KARRAS, EULER_ANCESTRAL ->
                            false;
                    case HEUN, DPM2, DPM2_ANCESTRAL, DPMPP_2M_KARRAS, DPMPP_2M_SDE_KARRAS -> false;
                    case LCM, TCD, FLOW_EULER, FLOW_HEUN, FLOW_UNIPC, FLOW_DPMPP_2M -> false;
                    case EDM_EULER, EDM_DPMPP_2M, COSINE_DPMPP_2M -> false;
                };
        return solver && isFlow(folder) && usesFlowSigmas(folder);
    }

    private static boolean isFlow(SchedulerConfig folder) {
        return Prediction.FLOW.text().equals(folder.fields().get(Prediction.FIELD));
    }

    private static boolean usesFlowSigmas(SchedulerConfig folder) {
        return Boolean.TRUE.equals(folder.fields().get(FLOW_SIGMAS));
    }

    private static List<String> classNames() {
        return Stream.of(
                        DISCRETE_CLASSES,
                        FLOW_CLASSES,
                        EDM_CLASSES,
                        Set.of(CosineDpmSolverScheduler.CLASS_NAME))
                .flatMap(Set::stream)
                .sorted()
                .toList();
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
        boolean karras = Boolean.TRUE.equals(folder.fields().get(KARRAS));
        boolean stochastic = SDE.equals(folder.fields().get(ALGORITHM));
        boolean flow = isFlow(folder) && usesFlowSigmas(folder);
        String className = folder.className().orElse("(absent)");
        return switch (className) {
            case DdpmScheduler.CLASS_NAME -> Name.DDPM;
            case DdimScheduler.CLASS_NAME -> Name.DDIM;
            case PndmScheduler.CLASS_NAME -> Name.PNDM;
            case LmsScheduler.CLASS_NAME -> karras ? Name.LMS_KARRAS : Name.LMS;
            case EulerScheduler.CLASS_NAME -> karras ? Name.EULER_KARRAS : Name.EULER;
            case EulerAncestralScheduler.CLASS_NAME -> Name.EULER_ANCESTRAL;
            case HeunScheduler.CLASS_NAME -> Name.HEUN;
            case Dpm2Scheduler.CLASS_NAME -> Name.DPM2;
            case Dpm2AncestralScheduler.CLASS_NAME -> Name.DPM2_ANCESTRAL;
            case DpmSolverMultistepScheduler.CLASS_NAME -> {
                if (flow) {
                    yield Name.FLOW_DPMPP_2M;
                }
                if (stochastic) {
                    yield karras ? Name.DPMPP_2M_SDE_KARRAS : Name.DPMPP_2M_SDE;
                }
                yield karras ? Name.DPMPP_2M_KARRAS : Name.DPMPP_2M;
            }
            case DpmSolverSinglestepScheduler.CLASS_NAME -> Name.DPMPP_2S;
            case DeisScheduler.CLASS_NAME -> Name.DEIS;
            case UniPcScheduler.CLASS_NAME -> flow ? Name.FLOW_UNIPC : Name.UNIPC;
            case LcmScheduler.CLASS_NAME -> Name.LCM;
            case TcdScheduler.CLASS_NAME -> Name.TCD;
            case FlowEulerScheduler.CLASS_NAME -> Name.FLOW_EULER;
            case FlowHeunScheduler.CLASS_NAME -> Name.FLOW_HEUN;
            case EdmEulerScheduler.CLASS_NAME -> Name.EDM_EULER;
            case EdmDpmSolverScheduler.CLASS_NAME -> Name.EDM_DPMPP_2M;
            case CosineDpmSolverScheduler.CLASS_NAME -> Name.COSINE_DPMPP_2M;
            default ->
                    throw new UnsupportedSchedulerException(
                            "scheduler_config.json", CLASS, className, classNames());
        };
    }
}
