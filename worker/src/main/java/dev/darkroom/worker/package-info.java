/// The worker process: its composition root, its start and end, and the straight path of a job.
@NullMarked
package dev.darkroom.worker;

import org.jspecify.annotations.NullMarked;
