using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Admin.Http;

/// <summary>How requests for messages say which of them, and how much of their payloads, they want to see.</summary>
internal static class PayloadArguments
{
    public static readonly QueryParameter<bool> Include = Query.Flag("include_payload", "Shows the start of each payload; it takes the role operator.");
    public static readonly QueryParameter<long> Limit =
        Query.Number("payload_limit_bytes", "Most bytes of each payload; beyond 1048576 is that.", 0, long.MaxValue, InspectionRequest.DefaultPreviewBytes);

    /// <summary>Most bytes of each payload; null for no payloads.</summary>
    /// <exception cref="ApiException">Payloads are asked for, and the caller may not look at them.</exception>
    public static int? Read(ApiRequest request)
    {
        if (!request.Get(Include)) return null;
        request.Require(Access.Operate, "Look at payloads.");
        return (int)Math.Min(request.Get(Limit), InspectionRequest.MostPreviewBytes);
    }

    /// <summary>Reads names of states with commas between them; null when there are none.</summary>
    /// <exception cref="ApiException">A name is unknown.</exception>
    public static StatusFilter? ParseStatuses(string? names)
    {
        try
        {
            return StatusFilter.Parse(names);
        }
        catch (ArgumentException fault)
        {
            throw new ApiException(ApiErrorCodes.InvalidMessageStatusFilter, fault.Message, new FieldProblem("status", fault.Message));
        }
    }
}
