/// What is measured: every metric's name, its tags and meaning, and the keys that log lines carry.
@NullMarked
package dev.darkroom.worker.telemetry;

import org.jspecify.annotations.NullMarked;
