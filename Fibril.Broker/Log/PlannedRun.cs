namespace Fibril.Broker.Log;

/// <summary>Neighbouring records of one segment that somebody is to read.</summary>
/// <param name="Plan">Where the first one is.</param>
/// <param name="End">Offset behind the last one.</param>
internal readonly record struct PlannedRun(ReadPlan Plan, long End);
