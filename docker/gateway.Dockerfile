# The official NGINX image with the includes of the gate, for where files cannot be mounted as compose.yml does: Kubernetes, a registry.
# nginx.conf and validator.conf are those of the compose stack; mount your own over them. To be built from the project's folder:
#
#   docker build -f docker/gateway.Dockerfile -t mcp-gatehouse-gateway .

# Not a -slim one, which has no njs. A tag moves; README.md says how to name a digest instead.
ARG NGINX_IMAGE=nginx:1.30

FROM ${NGINX_IMAGE} AS gateway
# Newer njs looks for imports in the working directory before it looks beside nginx.conf: here both are the same.
WORKDIR /etc/nginx
COPY nginx/gatehouse gatehouse
# The image's njs is new enough to keep decisions in memory that nginx's workers share.
COPY nginx/gatehouse-dict gatehouse
COPY docker/gateway/validator.conf gatehouse/validator.conf
COPY docker/gateway/nginx.conf nginx.conf
# The image's user "nginx", by number, so that Kubernetes can see that it is not root.
USER 101:101
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/health"]
# Straight to nginx: the image's start scripts rewrite configuration, and there is none to be rewritten here.
ENTRYPOINT ["nginx", "-e", "stderr", "-g", "daemon off;"]
CMD []
