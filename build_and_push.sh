#!/usr/bin/env bash
# Build the image and push it to Amazon ECR; stdout is the image's URI and nothing else.
set -euo pipefail

# What the Dockerfile is told, here and nowhere else.
cpu_arguments=(--platform linux/amd64)
gpu_arguments=(--platform linux/amd64 --build-arg ONNXRUNTIME=cu12 --build-arg MXNET=cu112)
default_repository=segmentation-container
default_tag=latest
default_gpu_tag=latest-gpu
placeholder_account=000000000000

usage() {
  cat <<TEXT
usage: build_and_push.sh [--gpu] [--region R] [--repository NAME] [--tag T] [--dry-run] [--help]
       build_and_push.sh R

Builds the image, makes the ECR repository if it is missing, and pushes. The last line of stdout
is the image's URI, for \`python -m container deploy --image\`; all else goes to stderr.

  --gpu              for NVIDIA GPUs; without it, for the CPU
  --region R         or R alone; default: AWS_REGION, AWS_DEFAULT_REGION, then \`aws configure get region\`
  --repository NAME  default: $default_repository
  --tag T            default: $default_tag; with --gpu: $default_gpu_tag
  --dry-run          print the commands and run none. Needs no credentials: the account in them is
                     AWS_ACCOUNT_ID, or $placeholder_account without it
  --help             this

Exit codes: 0 pushed, 1 a step failed (named on stderr), 2 an option cannot be used.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; exit 1; }
refuse() { say "error: $1"; exit 2; }

# A command as a shell would read it.
quoted() {
  local word line=''
  for word in "$@"; do line+="$(printf '%q' "$word") "; done
  printf '%s' "${line% }"
}

# Before a command runs it is shown behind a +; a dry run's lines can be pasted.
show() { if "$dry_run"; then say "$1"; else say "+ $1"; fi; }

# run STEP COMMAND...: what it prints goes to stderr; its failure ends everything.
run() {
  local step=$1
  shift
  show "$(quoted "$@")"
  if "$dry_run"; then return; fi
  "$@" >&2 || fail "$step failed (exit code $?)"
}

read_options() {
  gpu=false dry_run=false region='' repository=$default_repository tag=''
  while (($#)); do
    case $1 in --region=* | --repository=* | --tag=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;; esac
    case $1 in
      --gpu) gpu=true ;;
      --dry-run) dry_run=true ;;
      --help | -h) usage; exit 0 ;;
      --region | --repository | --tag)
        case ${2-} in '' | --*) refuse "$1 needs a value: build_and_push.sh --help" ;; esac
        printf -v "${1#--}" '%s' "$2"
        shift
        ;;
      [a-z][a-z]-*-[0-9]) # as the containers for TensorFlow were built
        [ -z "$region" ] || refuse "two regions: '$region' and '$1'; allowed: one"
        region=$1
        ;;
      *) refuse "$1 is no option; allowed: --gpu, --region R, --repository NAME, --tag T, --dry-run, --help" ;;
    esac
    shift
  done
}

find_region() {
  region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}
  if [ -z "$region" ] && command -v aws >/dev/null; then
    region=$(aws configure get region) || region=''
  fi
  [ -n "$region" ] || refuse "no region: give --region, set AWS_REGION, or \`aws configure set region R\`"
}

# The rules of ECR's CreateRepository, of Docker's reference for tags, and of AWS's region codes.
check_names() {
  local part='[a-z0-9]+([._-][a-z0-9]+)*'
  [[ $region =~ ^[a-z]{2}(-gov)?-[a-z]+-[0-9]$ ]] ||
    refuse "--region '$region' cannot be used; allowed: a region's code, such as eu-west-1, cn-north-1, us-gov-west-1"
  [[ $repository =~ ^$part(/$part)*$ && ${#repository} -ge 2 && ${#repository} -le 256 ]] ||
    refuse "--repository '$repository' cannot be used; allowed: 2 to 256 of a-z, 0-9, and between them . _ - or /"
  [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] ||
    refuse "--tag '$tag' cannot be used; allowed: 1 to 128 letters, digits, . _ -, the first no . or -"
}

find_account() {
  if "$dry_run"; then
    account=${AWS_ACCOUNT_ID:-$placeholder_account}
  else
    account=$(aws sts get-caller-identity --query Account --output text --region "$region") ||
      fail "asking for the account (aws sts get-caller-identity) failed (exit code $?)"
  fi
  [[ $account =~ ^[0-9]{12}$ ]] || fail "the account '$account' is not 12 digits"
}

make_repository() {
  local named=(--repository-name "$repository" --region "$region")
  local create=(aws ecr create-repository "${named[@]}" --image-scanning-configuration scanOnPush=true)
  local said code
  show "$(quoted aws ecr describe-repositories --repository-names "$repository" --region "$region")"
  if "$dry_run"; then
    show "# where that finds none:"
  elif said=$(aws ecr describe-repositories --repository-names "$repository" --region "$region" 2>&1); then
    return
  else
    code=$?
    if [[ $said != *RepositoryNotFoundException* ]]; then
      say "$said"
      fail "looking for the repository (aws ecr describe-repositories) failed (exit code $code)"
    fi
  fi
  run "making the repository (aws ecr create-repository)" "${create[@]}"
}

log_in() {
  local login=(docker login --username AWS --password-stdin "$registry") password
  show "$(quoted aws ecr get-login-password --region "$region") | $(quoted "${login[@]}")"
  if "$dry_run"; then return; fi
  password=$(aws ecr get-login-password --region "$region") ||
    fail "asking for a password (aws ecr get-login-password) failed (exit code $?)"
  printf '%s' "$password" | "${login[@]}" >&2 || fail "docker login failed (exit code $?)"
}

main() {
  read_options "$@"
  local program folder local_image arguments=("${cpu_arguments[@]}") suffix=amazonaws.com
  if "$gpu"; then
    arguments=("${gpu_arguments[@]}")
    default_tag=$default_gpu_tag
  fi
  tag=${tag:-$default_tag}
  find_region
  check_names
  if ! "$dry_run"; then
    for program in aws docker; do
      command -v "$program" >/dev/null || fail "$program is not installed, or not on PATH"
    done
  fi
  find_account

  case $region in cn-*) suffix=amazonaws.com.cn ;; esac
  registry=$account.dkr.ecr.$region.$suffix
  local_image=$repository:$tag
  local uri=$registry/$local_image
  folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")  # a link to it may lie anywhere

  make_repository
  log_in
  # Attestations would make the image a list of images, which SageMaker does not take.
  run "docker build" env BUILDX_NO_DEFAULT_ATTESTATIONS=1 \
    docker build "${arguments[@]}" --tag "$local_image" "$folder"
  run "docker tag" docker tag "$local_image" "$uri"
  run "docker push" docker push "$uri"
  printf '%s\n' "$uri"
}

main "$@"
