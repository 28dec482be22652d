package dev.darkroom.protocol.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The sampling algorithms that a job may name.
public enum SchedulerName {
    DDPM,
    DDIM,
    PNDM,
    LMS,
    LMS_KARRAS,
    EULER,
    EULER_KARRAS,
    EULER_ANCESTRAL,
    HEUN,
    DPM2,
    DPM2_ANCESTRAL,
    DPMPP_2M,
    DPMPP_2M_KARRAS,
    DPMPP_2M_SDE,
    DPMPP_2M_SDE_KARRAS,
    DPMPP_2S,
    DEIS,
    UNIPC,
    LCM,
    TCD,
    FLOW_EULER,
    FLOW_HEUN,
    FLOW_UNIPC,
    FLOW_DPMPP_2M,
    EDM_EULER,
    EDM_DPMPP_2M,
    COSINE_DPMPP_2M;

    /// The name in a job, for example `dpmpp-2m-karras`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The algorithm of this name in a job.
    public static Optional<SchedulerName> ofWireName(String name) {
        return Arrays.stream(values()).filter(s -> s.wireName().equals(name)).findFirst();
    }
}
