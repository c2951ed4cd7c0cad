"""
Reads what test/keras/boards.ts wrote with TensorBoard's own reader: scalars, distributions and pictures of weights, and the graph as
TensorBoard draws it; training and validation apart. What is made of weights is compared with what TensorFlow's own writer makes of them,
and tags, plugins, steps, learning rates and the graph with what Keras's callback writes of the same model.

    python test/keras/events.py FOLDER
"""
import json
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorboard import context, version  # noqa: E402
from tensorboard.backend.event_processing import data_provider, event_file_loader  # noqa: E402
from tensorboard.backend.event_processing import plugin_event_accumulator, plugin_event_multiplexer  # noqa: E402
from tensorboard.compat.proto import graph_pb2  # noqa: E402
from tensorboard.plugins import base_plugin  # noqa: E402
from tensorboard.plugins.graph import graphs_plugin  # noqa: E402
from tensorboard.util import tensor_util  # noqa: E402
from google.protobuf import text_format  # noqa: E402
from values import array, close, said  # noqa: E402


# The graph that TensorFlow traces of a step, beside the model's.
TRACED = "__run_graph__"


def read(folder, is_alone=False):
    """What a run has: by tag its plugin and kind, the steps, and their values; and nothing else, if it is to be so."""
    events = plugin_event_accumulator.EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    tags = events.Tags()
    strange = {kind: found for kind, found in tags.items() if kind != "tensors" and found}
    assert not (is_alone and strange), f"{folder.name} has {strange}"
    found = {}
    for tag in tags["tensors"]:
        metadata = events.SummaryMetadata(tag)
        points = events.Tensors(tag)
        found[tag] = {
            "kind": (metadata.plugin_data.plugin_name, metadata.data_class),
            "steps": [point.step for point in points],
            "values": [tensor_util.make_ndarray(point.tensor_proto) for point in points],
        }
    return found


def check_order(folder):
    """The file, event by event: its version first, and times that do not go back."""
    (file,) = folder.iterdir()
    events = list(event_file_loader.EventFileLoader(str(file)).Load())
    assert events[0].file_version == "brain.Event:2", f"{file.name} begins with {events[0]}"
    times = [event.wall_time for event in events]
    assert times == sorted(times), f"times of {file.name} go back"
    assert all(event.HasField("summary") for event in events[1:]), f"{file.name} has events without values"


def check_scalars(found, expected, run):
    scalars = {tag: about for tag, about in found.items() if about["kind"][0] == "scalars"}
    assert sorted(scalars) == sorted(expected), f"{run} has the numbers {sorted(scalars)} in the place of {sorted(expected)}"
    for tag, points in expected.items():
        about = scalars[tag]
        assert about["steps"] == [step for step, _ in points], f"{run}, {tag}: the steps {about['steps']}"
        close(about["values"], [value for _, value in points], f"{run}, {tag}", 1e-6)


def written_by_tensorflow(weights):
    """What TensorFlow and Keras write of weights, by the same reader."""
    with tempfile.TemporaryDirectory() as folder:
        board = tf.keras.callbacks.TensorBoard(folder)
        with tf.summary.create_file_writer(folder).as_default():
            for name, epochs in weights.items():
                for epoch, values in enumerate(epochs):
                    weight = tf.constant(array(values))
                    tf.summary.histogram(f"{name}/histogram", weight, step=epoch)
                    board._log_weight_as_image(weight, f"{name}/image", epoch)
            tf.summary.flush()
        return read(pathlib.Path(folder))


def check_weights(found, weights):
    of_weights = {tag: about for tag, about in found.items() if about["kind"][0] in ("histograms", "images")}
    expected = written_by_tensorflow(weights)
    assert sorted(of_weights) == sorted(expected), f"of weights there are {sorted(of_weights)} in the place of {sorted(expected)}"
    assert any(tag.endswith("/image") for tag in expected)
    for tag, about in expected.items():
        ours = of_weights[tag]
        assert (ours["kind"], ours["steps"]) == (about["kind"], about["steps"]), f"{tag}: {ours['kind']}, {ours['steps']}"
        for step, (actual, wanted) in enumerate(zip(ours["values"], about["values"])):
            if about["kind"][0] == "images":
                assert list(actual[:2]) == list(wanted[:2]), f"{tag}: a size of {actual[:2]}"
                assert len(actual) == len(wanted), f"{tag}: {len(actual) - 2} pictures"
                for one, other in zip(actual[2:], wanted[2:]):
                    one, other = (tf.io.decode_png(file).numpy().astype(int) for file in (one, other))
                    assert np.array_equal(one, other), f"{tag}: pixels of step {step}"
            else:
                check_histogram(actual, wanted, f"{tag}, step {step}")


def check_histogram(actual, wanted, what):
    close(actual[:, :2], wanted[:, :2], f"{what}: where parts begin and end", 1e-6)
    assert actual[:, 2].sum() == wanted[:, 2].sum(), f"{what}: how many there are"
    # A number at the edge of a part may be counted in the next one.
    moved = np.abs(np.cumsum(actual[:, 2]) - np.cumsum(wanted[:, 2])).max()
    assert moved <= 1, f"{what}: {moved:.0f} numbers in other parts"


def graph_of(folder):
    """What the page with the graph gets: its nodes by name, what each is, and what goes into it."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    plugin = graphs_plugin.GraphsPlugin(base_plugin.TBContext(data_provider=provider))
    request = context.RequestContext()
    runs = plugin.info_impl(request, "")
    assert list(runs) == ["train"] and runs["train"]["tags"]["keras"]["conceptual_graph"], f"the graphs are {runs}"
    text, _ = plugin.graph_impl(request, "train", "keras", True, "")
    nodes = text_format.Parse(text, graph_pb2.GraphDef()).node
    return {node.name: (node.attr["keras_class"].s, sorted(node.input)) for node in nodes}


def written_by_keras(config, folder):
    """What Keras's callback writes of a model as it trains and is evaluated, by the same reader, and its graph."""
    model = tf.keras.models.model_from_json(config)
    rates = tf.keras.optimizers.schedules.ExponentialDecay(0.01, 3, 0.5)
    model.compile(tf.keras.optimizers.Adam(rates), "mse", metrics=["mae"])
    x = [np.ones((12, *one.shape[1:]), "float32") for one in model.inputs]
    x, y = x if len(x) > 1 else x[0], np.zeros((12, 1), "float32")
    board = tf.keras.callbacks.TensorBoard(folder, histogram_freq=1, write_images=True, update_freq="batch")
    # It sees batches if another callback, such as the progress bar, sees them.
    bar = tf.keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    model.fit(x, y, epochs=3, batch_size=3, validation_split=0.25, verbose=0, callbacks=[board, bar])
    # Of a folder of its own, since Keras writes the model once more.
    graph = graph_of(folder)
    model.evaluate(x, y, verbose=0, callbacks=[board])
    return {run: read(pathlib.Path(folder) / run) for run in ("train", "validation")}, graph


def check_against_keras(folder, found):
    """Ours has the tags, kinds and steps of Keras's, the rates of a schedule, and the graph; losses depend on chance."""
    with tempfile.TemporaryDirectory() as other:
        expected, graph = written_by_keras(found["train"]["keras"]["values"][0].item(), other)
    for run, tags in expected.items():
        ours, keras = (
            {tag: (about["kind"], sorted(set(about["steps"]))) for tag, about in one.items() if tag != TRACED}
            for one in (found[run], tags)
        )
        assert ours == keras, f"{run} differs from Keras's: {set(map(str, ours.items())) ^ set(map(str, keras.items()))}"
    rates = [one["train"]["epoch_learning_rate"]["values"] for one in (found, expected)]
    close(*rates, "the learning rates", 1e-6)
    assert graph_of(folder) == graph, f"the graph differs from Keras's, {graph}"


def check(folder, board):
    runs = sorted(place.name for place in folder.iterdir())
    assert runs == ["train", "validation"], f"the runs are {runs}"
    found = {run: read(folder / run, is_alone=True) for run in runs}
    for run in runs:
        check_order(folder / run)
        check_scalars(found[run], board["scalars"][run], run)
    check_weights(found["train"], board["weights"])
    kinds = {about["kind"][0] for about in found["validation"].values()}
    assert kinds == {"scalars"}, f"validation has {kinds}"
    graph = {name: inputs for name, (_, inputs) in graph_of(folder).items()}
    assert graph == board["layers"], f"the graph is {graph}"
    check_against_keras(folder, found)


def main(folder):
    passed = failed = 0
    for board in json.loads((folder / "expected.json").read_text()):
        try:
            check(folder / board["name"], board)
            passed += 1
        except Exception as error:  # whatever is not as it must be
            failed += 1
            print(f"TensorBoard: {board['name']}: {said(error)}", flush=True)
    print(f"TensorBoard {version.VERSION}: {passed} passed, {failed} failed", flush=True)
    return failed == 0 and passed > 0


if __name__ == "__main__":
    sys.exit(0 if main(pathlib.Path(sys.argv[1])) else 1)
