# Versions, not names that move: the same commit gives the same image. Raise both together with what .NET publishes.
ARG SDK=10.0.401-noble
# "extra" has the time zones that windows in policies name.
ARG RUNTIME=10.0.12-noble-chiseled-extra

FROM mcr.microsoft.com/dotnet/sdk:${SDK} AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY eng eng
COPY src src
# What `certoperator version` says, and the time that every file has.
ARG COMMIT=unknown
ARG SOURCE_DATE_EPOCH=0
RUN dotnet publish src/Operator -c Release -o /out --nologo -p:UseAppHost=false -p:RunAnalyzers=false -p:DebugType=none \
        -p:ContinuousIntegrationBuild=true -p:SourceRevisionId="${COMMIT}" \
    && find /out -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM mcr.microsoft.com/dotnet/aspnet:${RUNTIME}
LABEL org.opencontainers.image.title="CertOperator" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /out ./
# No debugger's socket: the root file system may be read-only.
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8402 8403 9402
# The user "app" of the .NET images, by number, so that the kubelet sees that it is not root.
USER 1654:1654
ENTRYPOINT ["dotnet", "certoperator.dll"]
CMD ["run"]
