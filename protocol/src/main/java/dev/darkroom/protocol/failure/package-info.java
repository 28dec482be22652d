/// Why a job failed: codes, their categories, and what was wrong with which field.
@NullMarked
package dev.darkroom.protocol.failure;

import org.jspecify.annotations.NullMarked;
