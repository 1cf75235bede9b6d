using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Fibril.Tests.Support;

/// <summary>One measurement.</summary>
internal sealed record Measurement(string Instrument, string? Unit, double Value, IReadOnlyDictionary<string, object?> Tags);

/// <summary>A factory whose meters nobody else has, and what was measured with them.</summary>
internal sealed class RecordedMeasurements : IMeterFactory
{
    private readonly ConcurrentQueue<Measurement> _taken = [];
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];

    public RecordedMeasurements()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<string> MeterNames => [.. _meters.Select(static meter => meter.Name)];

    public IReadOnlyList<Measurement> Of(string instrument, string operation) =>
        [.. _taken.Where(taken => taken.Instrument == instrument && operation.Equals(taken.Tags["messaging.operation.name"]))];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Meter meter in _meters) meter.Dispose();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _taken.Enqueue(new Measurement(instrument.Name, instrument.Unit, value, tags.ToArray().ToDictionary()));
}
