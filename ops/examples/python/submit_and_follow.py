"""Submits a job to Darkroom with an ordinary Kafka client and prints its events until its end.

Ends with status 0 when the job completed, 1 when it failed or was cancelled.
"""

import argparse
import json
import sys
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition


def job_event(job):
    """A job as a structured CloudEvent: all of it in the record's value."""
    return {
        "specversion": "1.0",
        "type": "dev.darkroom.job.submitted.v1",
        "source": "/examples/python",
        "id": job["id"],
        "subject": job["id"],
        "datacontenttype": "application/json",
        "data": {"job": job},
    }


def follow_from_now(bootstrap, topics):
    """A consumer at the end of every partition: nothing that comes after this is missed."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False}
    consumer, ends = Consumer(settings), []
    for topic in topics:
        for number in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=30)
            ends.append(TopicPartition(topic, number, end))
    consumer.assign(ends)
    return consumer


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("prompt")
    options.add_argument("--model", default="emoji")
    options.add_argument("--seed", type=int)
    options.add_argument("--steps", type=int)
    options.add_argument("--bootstrap", default="127.0.0.1:9092")
    given = options.parse_args()

    spec = {"kind": "image", "prompt": given.prompt}
    for field in ("seed", "steps"):
        if getattr(given, field) is not None:
            spec[field] = getattr(given, field)
    job = {"specVersion": 1, "id": str(uuid.uuid4()), "model": given.model, "spec": spec}

    consumer = follow_from_now(given.bootstrap, ["darkroom.events", "darkroom.progress"])
    producer = Producer({"bootstrap.servers": given.bootstrap})
    producer.produce(
        "darkroom.jobs",
        key=job["id"],
        value=json.dumps(job_event(job)),
        headers={"content-type": "application/cloudevents+json"},
    )
    if producer.flush(30) > 0:
        sys.exit(f"the job could not be sent to {given.bootstrap}")

    while True:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error():
            sys.exit(str(record.error()))
        if record.key() != job["id"].encode():
            continue
        headers = {name: value.decode() for name, value in record.headers() or []}
        name = headers["ce_type"].split(".")[-2]  # dev.darkroom.job.<name>.v1
        data = json.loads(record.value())
        if "preview" in data:  # a small JPEG picture as a data: address
            data["preview"] = data["preview"][:40] + "…"
        print(name, json.dumps(data, ensure_ascii=False), flush=True)
        if name in ("completed", "failed", "cancelled"):
            sys.exit(0 if name == "completed" else 1)


if __name__ == "__main__":
    main()
